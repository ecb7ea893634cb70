-- gsub with a table whose __index never ends.
('a'):gsub('a', setmetatable({}, {__index = function() while true do end end}))
