-- load of a long concatenation.
local s = 'return ' .. ('a .. '):rep(180) .. 'a'
while true do load(s) end
