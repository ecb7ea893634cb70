-- A buffer's size, set again and again.
local f = io.open('buffer', 'w')
while true do f:setvbuf('full', 1000000) f:write('x') f:setvbuf('no') end
