-- move of a huge range, onto itself.
local t = setmetatable({}, {__index = function() return nil end, __newindex = function() end})
while true do table.move(t, 1, 1 << 60, 1) end
