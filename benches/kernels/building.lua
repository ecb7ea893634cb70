local n = 0
for round = 1, 20 do
  local parts, s = {}, ''
  for i = 1, 10000 do parts[#parts + 1] = i .. ',' end
  for i = 1, 1000 do s = s .. i end
  n = n + #table.concat(parts) + #s
end
return n
