-- Keys whose places are taken by those that have one place in common, once the table has grown.
local size = 1 << 20
while true do
  local t = {}
  for i = 1, size // 4 do t[i * (size - 1)] = true end
  for i = 0, size // 4 do t[size - 2 - i + (size - 1) * size] = true end
end
