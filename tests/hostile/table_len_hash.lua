-- # of a table whose numbers lie in its hash part.
local t = {}
for i = 60, 0, -1 do t[1 << i] = true end
for i = 40, 2, -1 do t[i] = true end
while true do local n = #t end
