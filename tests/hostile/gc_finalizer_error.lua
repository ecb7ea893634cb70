-- Finalizers that fail.
while true do setmetatable({}, {__gc = function() error('x') end}) end
