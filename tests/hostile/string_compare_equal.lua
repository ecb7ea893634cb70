-- Equal long strings compared, by == and by <.
local a, b = ('x'):rep(1000000) .. 'a', ('x'):rep(1000000) .. 'a'
while true do local e = a == b, a < b, a <= b end
