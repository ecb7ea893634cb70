local function counter() local n = 0 return function() n = n + 1 return n end end
local sum = 0
for i = 1, 200000 do local c = counter() c() c() sum = sum + c() end
return sum
