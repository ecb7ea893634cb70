-- sub of long parts.
local s = ('x'):rep(1000000)
local i = 0
while true do i = i % 1000 + 1 local part = s:sub(i, -i) end
