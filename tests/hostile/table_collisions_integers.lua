-- Integers that all fall into one place of a table.
local t = {}
for i = 1, 40000 do t[i * 65535] = true end
while true do local x = t[0], t[65535], t[40000 * 65535] end
