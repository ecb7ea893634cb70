-- load of gotos that find no label.
local s = ('do goto x end '):rep(5000)
while true do load(s) end
