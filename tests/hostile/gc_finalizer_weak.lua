-- Finalizers of keys of weak tables.
local t, meta = setmetatable({}, {__mode = 'k'}), {}
meta.__gc = function(o) t[o] = {} end
while true do t[setmetatable({}, meta)] = {} end
