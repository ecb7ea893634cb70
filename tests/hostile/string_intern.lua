-- Short strings, each another, dropped.
local i = 0
while true do i = i + 1 local s = tostring(i) end
