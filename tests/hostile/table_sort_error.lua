-- sort with a comparator that fails at random.
local t = {}
for i = 1, 100 do t[i] = i end
while true do pcall(table.sort, t, function() if math.random(10) == 1 then error('x') end return true end) end
