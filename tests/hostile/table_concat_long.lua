-- concat of many long strings. (ERRRUN)
local t, s = {}, ('x'):rep(10000)
for i = 1, 100 do t[i] = s end
while true do table.concat(t, s) end
