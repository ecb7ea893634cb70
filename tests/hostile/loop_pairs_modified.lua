-- A traversal that assigns to what it goes through.
local t = {}
for i = 1, 1000 do t['k' .. i] = i end
while true do for k in pairs(t) do t[k] = 1 end end
