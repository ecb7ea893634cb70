-- math.max of many values.
local function f(...) while true do math.max(...) end end
f(table.unpack({}, 1, 0), table.unpack((function() local t = {} for i = 1, 50000 do t[i] = i end return t end)()))
