-- load of deep nesting.
local s = 'return ' .. ('('):rep(150) .. '1' .. (')'):rep(150)
while true do load(s) load('return ' .. ('{'):rep(10000)) end
