-- Coroutines that hand values around.
local function pass() while true do coroutine.yield(coroutine.yield()) end end
local ring = {}
for i = 1, 100 do ring[i] = coroutine.wrap(pass) end
while true do for i = 1, 100 do ring[i](i) end end
