local co = coroutine.wrap(function() for i = 1, math.huge do coroutine.yield(i) end end)
local sum = 0
for i = 1, 500000 do sum = sum + co() end
return sum
