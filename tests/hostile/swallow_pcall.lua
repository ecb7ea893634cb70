-- pcall around an endless loop, again and again.
while true do pcall(function() while true do end end) end
