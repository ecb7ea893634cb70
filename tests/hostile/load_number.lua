-- load of a long number, which is none.
local s = 'return ' .. ('9'):rep(100000)
while true do load(s) end
