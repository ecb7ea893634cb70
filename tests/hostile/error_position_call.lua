-- A failed call in a long function, whose variable's name is looked for.
local f = load(('local a = 1 '):rep(100) .. ('a = 1 '):rep(20000) .. 'missing()')
local g = load('local t = {} ' .. ('t = {} '):rep(20000) .. 't.x.y = 1')
while true do pcall(f) pcall(g) end
