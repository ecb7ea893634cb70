-- format of a long format.
local f = ('%%'):rep(100000)
while true do f:format() end
