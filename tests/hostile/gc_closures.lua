-- A heap of closures that share variables, collected.
local t = {}
for i = 1, 20000 do local x = i t[i] = function() x = x + 1 return x end end
while true do collectgarbage() end
