-- concat with a lying __len.
while true do pcall(table.concat, setmetatable({}, {__len = function() return 1 << 50 end, __index = function() return '' end})) end
