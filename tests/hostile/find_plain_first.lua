-- Plain find of a byte that is everywhere, never followed.
local s = ('ab'):rep(200000)
while true do s:find('ac', 1, true) end
