-- A large value out of MessagePack.
local s = msgpack.encode((function() local t = {} for i = 1, 20000 do t[i] = i end return t end)())
while true do msgpack.decode(s) end
