-- pcall of pcall of pcall.
local t = {}
for i = 1, 150 do t[i] = pcall end
while true do pcall(table.unpack(t)) end
