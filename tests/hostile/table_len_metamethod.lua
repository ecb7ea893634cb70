-- __len that never ends.
local n = #setmetatable({}, {__len = function() while true do end end})
