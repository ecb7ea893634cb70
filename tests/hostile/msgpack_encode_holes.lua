-- A marked array of nothing but holes.
local t = msgpack.array({[1000000] = true})
while true do msgpack.encode(t) end
