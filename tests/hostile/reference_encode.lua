-- Tables of references, which only the host may be sent.
local t = {}
for i = 1, 1000 do t[i] = 1 t[-i] = reference end
while true do pcall(msgpack.encode, t) end
