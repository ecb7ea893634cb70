-- %b() over text that never closes.
local s = ('('):rep(20000)
while true do s:find('%b()') end
