-- Recursion without end. (ERRRUN)
local function f() return 1 + f() end
f()
