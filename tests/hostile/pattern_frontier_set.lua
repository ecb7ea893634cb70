-- %f with a long set.
local s, set = ('a'):rep(50000), '%f[' .. ('b'):rep(50000) .. ']'
while true do s:find(set) end
