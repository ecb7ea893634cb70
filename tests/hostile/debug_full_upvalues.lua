-- debug functions in a loop.
local x = 1
local function f() return x end
while true do debug.getupvalue(f, 1) debug.setupvalue(f, 1, f) debug.getlocal(1, 1) end
