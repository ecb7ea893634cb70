-- Generic loops over coroutines over generic loops.
local function nest(n)
  return coroutine.wrap(function()
    if n == 0 then while true do coroutine.yield(1) end end
    for x in nest(n - 1) do coroutine.yield(x) end
  end)
end
for _ in nest(50) do end
