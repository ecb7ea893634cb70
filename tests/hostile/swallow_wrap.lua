-- coroutine.wrap around loops, errors swallowed outside.
while true do pcall(coroutine.wrap(function() while true do end end)) end
