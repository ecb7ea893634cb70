-- gsub with an empty pattern over a long text.
local s = ('a'):rep(100000)
while true do s:gsub('', '') end
