-- __close that never ends.
while true do
  pcall(function()
    local c <close> = setmetatable({}, {__close = function() while true do end end})
    error('x')
  end)
end
