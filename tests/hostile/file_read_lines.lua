-- A large file without line ends, read by lines.
local f = io.open('read', 'w+')
f:write(('x'):rep(1000000))
f:flush()
while true do f:seek('set') f:read('l') end
