local function f(x) if x % 10 == 0 then error(x) end return x end
local failed = 0
for i = 1, 500000 do if not pcall(f, i) then failed = failed + 1 end end
return failed
