-- concat of a huge range.
while true do pcall(table.concat, setmetatable({}, {__index = function() return '' end}), '', 1, math.maxinteger) end
