-- sort of long strings that differ at the end.
local t, s = {}, ('x'):rep(10000)
for i = 1, 100 do t[i] = s .. (i * 37 % 100) end
while true do table.sort(t, function(a, b) return a > b end) table.sort(t) end
