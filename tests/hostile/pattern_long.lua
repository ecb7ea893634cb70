-- A long pattern without specials, and one with.
local p = ('a'):rep(100000)
while true do ("a"):find(p); ("a"):find(p .. ".") end
