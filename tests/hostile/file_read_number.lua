-- Numbers read from a file of spaces.
local f = io.open('read', 'w+')
f:write((' '):rep(1000000))
f:flush()
while true do f:seek('set') f:read('n') end
