-- Coroutines that ask about each other.
local co = coroutine.create(function() while true do coroutine.yield(coroutine.running()) end end)
while true do coroutine.resume(co) coroutine.status(co) coroutine.isyieldable(co) end
