-- A large file, read again and again.
local f = io.open('read', 'w+')
f:write(('x'):rep(1000000))
while true do f:seek('set') f:read('a') end
