-- Garbage in the generational mode.
collectgarbage('generational')
local t = {}
while true do t[#t % 1000 + 1] = {{}, {}} end
