-- A loop that makes closures and drops them.
while true do local x = 1 local f = function() return x end end
