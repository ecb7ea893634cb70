-- Recursion through __concat. (ERRRUN)
local t = setmetatable({}, {__concat = function(a, b) return a .. b end})
local x = t .. 1
