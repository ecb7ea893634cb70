-- load of small chunks, each another.
local i = 0
while true do i = i + 1 load('return ' .. i)() end
