-- A long string out of MessagePack.
local s = msgpack.encode(('x'):rep(1000000))
while true do msgpack.decode(s) end
