-- New files in folders within folders.
local name = ('a/'):rep(3000) .. 'b'
while true do local f = io.open(name, 'w') if f then f:close() end os.remove(name) end
