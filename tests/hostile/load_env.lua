-- Chunks whose environment never ends.
load('x = y', 'chunk', 't', setmetatable({}, {__index = function() while true do end end}))()
