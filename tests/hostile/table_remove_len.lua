-- remove with a lying __len.
while true do table.remove(setmetatable({}, {__len = function() return 1 << 50 end}), 1) end
