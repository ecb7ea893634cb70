-- Coroutines that each do less than a count hook's count.
while true do coroutine.wrap(function() for i = 1, 100 do end end)() end
