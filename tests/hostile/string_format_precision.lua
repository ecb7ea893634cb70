-- format %.10s, which looks for the end of the string.
local s = ('x'):rep(1000000)
while true do ('%.10s'):format(s) end
