-- load of many breaks.
local s = 'while true do ' .. ('if a then break end '):rep(5000) .. ' end'
while true do load(s) end
