-- Finalizers that make their object live again.
local meta = {}
meta.__gc = function(o) setmetatable(o, meta) end
for i = 1, 1000 do setmetatable({}, meta) end
while true do collectgarbage() end
