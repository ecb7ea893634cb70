-- Plain find of a byte that is nowhere.
local s = ('a'):rep(1000000)
while true do s:find('b', 1, true) end
