-- Short strings taken apart.
local s = ('x'):rep(1000)
while true do for i = 1, #s do local c = s:sub(i, i):byte() end end
