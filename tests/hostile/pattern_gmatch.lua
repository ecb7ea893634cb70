-- gmatch whose matches are all empty.
local s = ('a'):rep(100000)
while true do for _ in s:gmatch('') do end end
