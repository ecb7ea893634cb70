-- load of many labels, each compared with all.
local parts = {}
for i = 1, 3000 do parts[i] = '::l' .. i .. '::' end
local s = table.concat(parts)
while true do load(s) end
