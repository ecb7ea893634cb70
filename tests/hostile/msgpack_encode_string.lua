-- MessagePack of a long string, which may be valid UTF-8.
local s = ('x'):rep(1000000)
while true do msgpack.encode(s) end
