-- math.max of many values.
local function f(...) while true do math.max(...) end end
local t = {}
for i = 1, 50000 do t[i] = i end
f(table.unpack(t))
