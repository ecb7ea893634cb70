-- load of a function with many upvalues, each looked up through levels.
local parts = {}
for i = 1, 100 do parts[i] = 'local u' .. i .. ' = 1' end
local uses = {}
for i = 1, 100 do uses[i] = 'u' .. i .. ' = u' .. i end
local s = table.concat(parts, ' ') .. (' return function()'):rep(50) .. ' ' .. table.concat(uses, ' ') .. (' end'):rep(50)
while true do load(s) end
