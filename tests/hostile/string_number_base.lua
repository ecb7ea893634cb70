-- tonumber with a base, of a long string.
local s = ('1'):rep(1000000)
while true do tonumber(s, 36) end
