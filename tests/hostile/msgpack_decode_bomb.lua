-- Data that promises more than it holds.
local s = ('\xdd\x7f\xff\xff\xff'):rep(100)
while true do pcall(msgpack.decode, s) pcall(msgpack.decode, ('\x91'):rep(1000)) end
