-- os.date with a long format.
local f = ('%c'):rep(2000)
while true do os.date(f) end
