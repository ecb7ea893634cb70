-- Captures within captures, repeated.
local s = ('ab'):rep(10000)
while true do s:gsub('((a)(b))', '%1%2%3') end
