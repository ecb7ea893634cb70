-- _ENV whose __index never ends.
local _ENV = setmetatable({}, {__index = function() while true do end end})
x = y
