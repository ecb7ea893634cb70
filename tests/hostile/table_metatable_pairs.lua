-- __pairs that gives an endless iterator.
for _ in pairs(setmetatable({}, {__pairs = function() return function() return 1 end end})) do end
