-- io.write of long strings. (ERRRUN)
local s = ('x'):rep(100000)
while true do io.write(s) end
