-- sort with a comparator that changes the table.
local t = {}
for i = 1, 100 do t[i] = i end
while true do pcall(table.sort, t, function(a, b) t[a] = b t[1] = nil t[1] = 1 return a < b end) end
