-- Integers that all fall into one place once the table has grown.
local size = 1 << 20
while true do
  local t = {}
  for i = 1, size // 2 + 1 do t[i * (size - 1)] = true end
end
