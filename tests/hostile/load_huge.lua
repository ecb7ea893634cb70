-- load of a huge chunk.
local s = ('x = 1 '):rep(20000)
while true do load(s) end
