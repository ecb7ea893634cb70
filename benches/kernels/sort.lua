local x, last = 42, 0
for round = 1, 3 do
  local t = {}
  for i = 1, 50000 do x = (x * 1103515245 + 12345) % 2147483648 t[i] = x end
  table.sort(t)
  table.sort(t, function(a, b) return a > b end)
  last = t[1]
end
return last
