-- pcall at the bottom of a deep stack of calls, the error swallowed.
local function deep(n)
  if n > 0 then return (deep(n - 1)) end
  while true do pcall(error) end
end
deep(15000)
