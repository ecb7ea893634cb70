-- A heap of coroutines, collected.
local t = {}
for i = 1, 1000 do t[i] = coroutine.create(function() coroutine.yield() end) coroutine.resume(t[i]) end
while true do collectgarbage() end
