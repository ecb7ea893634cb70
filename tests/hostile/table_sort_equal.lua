-- sort of equal values.
local t = {}
for i = 1, 100000 do t[i] = 1 end
while true do table.sort(t) end
