-- Hooks of coroutines.
while true do
  local co = coroutine.create(function() while true do end end)
  debug.sethook(co, function() end, 'crl', 3)
  coroutine.resume(co)
end
