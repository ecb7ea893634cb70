-- Constructors with many values.
local f = load('while true do local t = {' .. ('1,'):rep(20000) .. '} end')
f()
