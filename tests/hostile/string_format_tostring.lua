-- format %s with a __tostring that never ends.
('%s'):format(setmetatable({}, {__tostring = function() while true do end end}))
