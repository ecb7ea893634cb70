-- debug.sethook with a mask of a megabyte.
local mask = ('x'):rep(1000000)
while true do debug.sethook(print, mask) end
