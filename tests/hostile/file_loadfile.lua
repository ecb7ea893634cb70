-- A large file, loaded again and again.
local f = io.open('chunk.lua', 'w')
f:write((' '):rep(1000000))
f:close()
while true do loadfile('chunk.lua') end
