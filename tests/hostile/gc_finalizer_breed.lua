-- Finalizers that make two new objects with finalizers.
local meta = {}
meta.__gc = function() setmetatable({}, meta) setmetatable({}, meta) end
setmetatable({}, meta)
while true do local t = {} end
