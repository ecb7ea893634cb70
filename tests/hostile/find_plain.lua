-- Plain find of n times m.
local s, what = ('a'):rep(200000), ('a'):rep(100000) .. 'b'
while true do s:find(what, 1, true) end
