-- The closing value of a generic loop.
local meta = {__close = function() while true do end end}
while true do
  pcall(function() for _ in function() error('x') end, nil, nil, setmetatable({}, meta) do end end)
end
