-- utf8.offset to the end of a long string and back.
local s = ('x'):rep(1000000)
while true do utf8.offset(s, 999999) utf8.offset(s, -999999) end
