-- Many values through coroutines.
local function yield(...) local t = {...} while true do coroutine.yield(table.unpack(t, 1, 100000)) end end
while true do
  local co = coroutine.wrap(yield)
  while pcall(co, 1) do end
end
