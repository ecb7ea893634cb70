-- A finalizer that runs loops in coroutines.
setmetatable({}, {__gc = function() while true do pcall(coroutine.wrap(function() while true do end end)) end end})
while true do collectgarbage() end
