-- assert with a message that is a table that never ends.
pcall(assert, false, setmetatable({}, {__tostring = function() while true do end end}))
while true do end
