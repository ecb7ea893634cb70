-- string.rep with a long separator.
local s = ('x'):rep(100000)
while true do pcall(string.rep, '', 10, s) end
