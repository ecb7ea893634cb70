-- os.date with a long format that says nothing.
local f = ('x'):rep(1000000)
while true do os.date(f) end
