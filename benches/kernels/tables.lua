local sum = 0
for round = 1, 10 do
  local t = {}
  for i = 1, 100000 do t[i] = i end
  for i = 1, 100000 do sum = sum + t[i] end
  local h = {}
  for i = 1, 10000 do h['key' .. i] = i end
  for _, v in pairs(h) do sum = sum + v end
end
return sum
