-- __eq that never ends.
local meta = {__eq = function() while true do end end}
local x = setmetatable({}, meta) == setmetatable({}, meta)
