-- Coroutines that fail, each with a traceback.
while true do local co = coroutine.create(error) coroutine.resume(co, 'x') debug.traceback(co) end
