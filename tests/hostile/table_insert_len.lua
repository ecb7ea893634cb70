-- insert with a lying __len.
while true do table.insert(setmetatable({}, {__len = function() return 1 << 50 end, __newindex = function() end}), 1, 1) end
