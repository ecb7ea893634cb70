-- utf8.len of a long string.
local s = ('x'):rep(1000000)
while true do utf8.len(s) end
