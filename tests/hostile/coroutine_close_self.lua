-- Coroutines that are closed at once.
while true do coroutine.close(coroutine.create(print)) end
