-- The collector's mode, changed in a loop.
local t = {}
for i = 1, 20000 do t[i] = {} end
while true do collectgarbage('generational') collectgarbage('incremental') end
