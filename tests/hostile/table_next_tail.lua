-- next on a large drained table with one key left at its end.
local t = {}
for i = 1, 100000 do t[i] = true end
for i = 1, 99999 do t[i] = nil end
while true do for k in pairs(t) do end end
