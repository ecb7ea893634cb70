-- Marks put on and taken off.
local t = {}
while true do msgpack.array(t) msgpack.map(t) setmetatable(t, nil) end
