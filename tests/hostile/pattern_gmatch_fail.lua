-- gmatch that fails slowly.
local s = ('a'):rep(10000)
while true do for _ in s:gmatch('a-b') do end end
