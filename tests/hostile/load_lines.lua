-- load of empty lines.
local s = ('\n'):rep(1000000)
while true do load(s) end
