-- # of a table with a hole, by binary search.
local t = {}
for i = 1, 10000 do t[i] = i end
while true do t[#t] = nil t[#t + 1] = 1 local n = #t end
