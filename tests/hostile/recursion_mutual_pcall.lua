-- Recursion without end whose errors are swallowed at each level.
local function f() pcall(f) return pcall(f) end
while true do f() end
