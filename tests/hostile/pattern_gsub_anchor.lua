-- gsub of a long replacement.
local s, by = ('a'):rep(1000), ('%0'):rep(1000)
while true do pcall(string.gsub, s, 'a', by) end
