-- upper, lower and reverse of a long string.
local s = ('x'):rep(1000000)
while true do s:upper() s:lower() s:reverse() end
