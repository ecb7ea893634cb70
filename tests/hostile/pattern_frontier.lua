-- %f over a long text without such a place.
local s = ('a'):rep(50000)
while true do s:find('%f[%d]') end
