-- A file that grows.
local f = io.open('big', 'w')
local s = ('x'):rep(10000)
while true do assert(f:write(s) or f:seek('set')) end
