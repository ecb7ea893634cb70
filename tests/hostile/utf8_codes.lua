-- utf8.codes over a long string.
local s = ('x'):rep(100000)
while true do for _ in utf8.codes(s) do end end
