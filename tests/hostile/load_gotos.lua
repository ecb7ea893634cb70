-- load of many gotos and labels.
local parts = {}
for i = 1, 1000 do parts[i] = 'do goto l' .. i .. ' end' end
for i = 1, 1000 do parts[#parts + 1] = '::l' .. i .. '::' end
local s = table.concat(parts, ' ')
while true do load(s) end
