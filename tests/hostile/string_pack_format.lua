-- pack with a long format that packs nothing.
local f = ('!1<>='):rep(20000)
while true do f:pack() f:packsize() f:unpack('') end
