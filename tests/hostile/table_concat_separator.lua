-- concat of nothing with a long separator.
local s = ('x'):rep(1000000)
while true do table.concat({'', ''}, s) end
