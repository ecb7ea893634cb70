-- Finalizers that collect.
while true do setmetatable({}, {__gc = function() collectgarbage() end}) end
