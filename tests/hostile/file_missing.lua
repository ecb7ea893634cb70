-- A file that is not there, in many folders.
local name = ('a/'):rep(5000) .. 'b'
while true do io.open(name) end
