-- debug.getinfo of all lines of a long function.
local f = load(('local x = 1\n'):rep(150) .. ('x = 1\n'):rep(5000))
while true do debug.getinfo(f, 'SlnrutL') end
