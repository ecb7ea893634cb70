-- seek beyond the end, and one byte there.
local f = io.open('seek', 'w')
while true do f:seek('set', 1000000) f:write('x') f:close() f = io.open('seek', 'w') end
