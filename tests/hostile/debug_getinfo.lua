-- debug.getinfo at the bottom of a deep stack.
local function deep(n)
  if n > 0 then return (deep(n - 1)) end
  while true do debug.getinfo(10000) end
end
deep(15000)
