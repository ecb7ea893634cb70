-- Concatenation of many values at once.
local f = load('local s = ... while true do local t = s' .. (' .. s'):rep(150) .. ' end')
f(('x'):rep(1000))
