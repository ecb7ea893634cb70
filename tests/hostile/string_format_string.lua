-- format of long strings.
local s = ('x'):rep(1000000)
while true do ('%s%s'):format(s, s) end
