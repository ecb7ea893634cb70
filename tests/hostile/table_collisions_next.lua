-- next along integers that all fall into one place.
local t = {}
for i = 1, 40000 do t[i * 65535] = true end
while true do for k in next, t do end end
