-- A collector that never rests.
pcall(collectgarbage, 'incremental', 0, 1000, 1)
pcall(collectgarbage, 'param', 'pause', 0)
local t = {}
for i = 1, 20000 do t[i] = {} end
while true do local x = {} end
