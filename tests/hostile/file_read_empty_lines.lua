-- A large file of line ends, read by lines.
local f = io.open('read', 'w+')
f:write(('\n'):rep(100000))
f:flush()
while true do f:seek('set') for _ in f:lines() do end end
