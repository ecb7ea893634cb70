-- byte and char of as many values as fit.
local s = ('x'):rep(10000)
while true do string.char(s:byte(1, -1)) end
