-- Many values through coroutines.
local co = coroutine.wrap(function(...) local t = {...} while true do coroutine.yield(table.unpack(t, 1, 100000)) end end)
while true do co(1) end
