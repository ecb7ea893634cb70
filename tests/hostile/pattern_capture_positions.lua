-- Position captures all along.
local s = ('a'):rep(5000)
while true do s:find('()()()()a-()()b') end
