-- unpack of many values.
local f, s = ('i16'):rep(100), ('\0'):rep(1600)
while true do f:unpack(s) end
