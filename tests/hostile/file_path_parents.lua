-- A path that goes up and down.
local name = ('a/../'):rep(20000) .. 'b'
while true do io.open(name) end
