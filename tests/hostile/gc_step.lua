-- collectgarbage('step') in a loop over a heap of tables.
local t = {}
for i = 1, 20000 do t[i] = {} end
while true do collectgarbage('step') collectgarbage('step', 1 << 30) end
