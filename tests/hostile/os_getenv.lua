-- os.getenv of a long name.
local name = ('x'):rep(1000000)
while true do os.getenv(name) os.setlocale(name) end
