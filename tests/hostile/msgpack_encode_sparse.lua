-- MessagePack of a table that was drained.
local t = {}
for i = 1, 100000 do t[i .. ''] = true end
for k in pairs(t) do t[k] = nil end
while true do msgpack.encode(t) end
