-- Recursion through C: __tostring. (ERRRUN)
local t = setmetatable({}, {__tostring = function(t) return tostring(t) end})
tostring(t)
