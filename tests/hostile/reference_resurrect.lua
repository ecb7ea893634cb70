-- A reference that finalizers keep handing on.
local r = reference
local meta = {}
meta.__gc = function(t) setmetatable({t[1]}, meta) end
while true do setmetatable({r}, meta) collectgarbage() end
