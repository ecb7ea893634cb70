-- Finalizers that leave variables to close.
local function open() return setmetatable({}, {__close = function() while true do end end}) end
while true do setmetatable({}, {__gc = function() local c <close> = open() end}) end
