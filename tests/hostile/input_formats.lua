-- many formats for what is not there
local t = {} for i = 1, 200 do t[i] = 0 end
io.read("a")
while true do io.read(table.unpack(t)) io.read("a", "a", "l") end
