-- MessagePack of a large table.
local t = {}
for i = 1, 20000 do t[i] = i end
while true do msgpack.encode(t) end
