-- Coroutines that are dropped while they are suspended.
while true do coroutine.wrap(function() coroutine.yield() end)() end
