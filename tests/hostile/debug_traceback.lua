-- Tracebacks of a deep stack.
local function deep(n)
  if n > 0 then return (deep(n - 1)) end
  while true do debug.traceback('x') end
end
deep(15000)
