-- Errors in coroutines with deep stacks, caught within.
local function deep(n)
  if n > 0 then return (deep(n - 1)) end
  while true do pcall(coroutine.yield) pcall(error) end
end
local co = coroutine.wrap(deep)
co(15000)
while true do co() end
