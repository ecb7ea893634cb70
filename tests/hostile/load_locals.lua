-- load of functions with many locals, each name looked for.
local parts = {}
for i = 1, 190 do parts[i] = 'local l' .. i .. ' = g' end
local s = table.concat(parts, ' ') .. (' x = y'):rep(5000)
while true do load(s) end
