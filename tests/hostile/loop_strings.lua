-- A loop that makes strings and drops them.
local i = 0
while true do i = i + 1 local s = i .. 'x' end
