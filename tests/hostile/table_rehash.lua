-- A table that grows and shrinks at the edge of a rehash.
local t = {}
for i = 1, 65536 do t['k' .. i] = true end
local i = 65536
while true do i = i + 1 t['k' .. i] = true t['k' .. (i - 65536)] = nil end
