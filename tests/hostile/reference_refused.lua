-- A reference used where the host cannot be asked.
local named = setmetatable({}, {__name = 'x', __tostring = function() return reference.x end})
while true do pcall(tostring, named) end
