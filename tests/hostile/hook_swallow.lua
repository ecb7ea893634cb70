-- A hook that swallows errors within itself.
debug.sethook(function() pcall(function() while true do end end) end, 'crl', 1)
while true do pcall(error) end
