-- Errors of metamethods, swallowed.
local t = setmetatable({}, {__add = error, __concat = error, __eq = error, __lt = error, __call = error})
while true do
  pcall(function() return t + 1 end)
  pcall(function() return t .. t end)
  pcall(function() return t < t end)
  pcall(t)
end
