-- Coroutines as keys of weak tables.
local t = setmetatable({}, {__mode = 'k'})
while true do t[coroutine.create(print)] = true end
