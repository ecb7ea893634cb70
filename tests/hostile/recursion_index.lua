-- A chain of __index that leads back to itself through functions. (ERRRUN)
local t = {}
setmetatable(t, {__index = function(t, k) return t[k] end})
local x = t.x
