-- A coroutine with a deep stack, resumed in a loop.
local function deep(n)
  if n > 0 then return (deep(n - 1)) end
  while true do coroutine.yield() end
end
local co = coroutine.wrap(deep)
co(15000)
while true do co() end
