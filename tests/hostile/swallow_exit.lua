-- A finalizer and a __close around a loop that tries to stay.
local c <close> = setmetatable({}, {__close = function() while true do end end})
setmetatable({}, {__gc = function() while true do end end})
while true do collectgarbage() end
