-- A greedy match whose end is never there.
local s = ('a'):rep(20000)
while true do s:find('.*x') end
