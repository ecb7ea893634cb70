-- A heap of long strings, collected.
local t = {}
for i = 1, 100 do t[i] = ('x'):rep(30000) .. i end
while true do collectgarbage() end
