-- unpack z looks for the end of the string.
local s = ('x'):rep(1000000) .. '\0'
while true do ('z'):unpack(s) end
