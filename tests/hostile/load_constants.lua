-- load of many constants.
local parts = {}
for i = 1, 10000 do parts[i] = 'x = ' .. i .. '.5' end
local s = table.concat(parts, ' ')
while true do load(s) end
