-- Many variables to close in one function, each of which fails.
local meta = {__close = function(_, e) error(e) end}
local function f(n)
  local c <close> = setmetatable({}, meta)
  if n > 0 then return (f(n - 1)) end
  error('x')
end
while true do pcall(f, 150) end
