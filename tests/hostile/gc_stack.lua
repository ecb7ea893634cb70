-- A deep stack, collected.
local function deep(n)
  if n > 0 then return (deep(n - 1)) end
  while true do collectgarbage('step') end
end
deep(15000)
