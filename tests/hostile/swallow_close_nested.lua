-- __close that opens another one.
local function open()
  return setmetatable({}, {__close = function() local inner <close> = open() error('x') end})
end
while true do pcall(function() local c <close> = open() end) end
