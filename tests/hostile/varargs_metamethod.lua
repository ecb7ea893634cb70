-- Many varargs to __call.
local t = setmetatable({}, {__call = function(_, ...) return ... end})
local function f(...) while true do t(...) end end
f(table.unpack({}, 1, 100000))
