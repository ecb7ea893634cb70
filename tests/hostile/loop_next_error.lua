-- next with keys that are not there, swallowed.
local t = {}
for i = 1, 10000 do t['k' .. i] = i end
while true do pcall(next, t, 'missing') end
