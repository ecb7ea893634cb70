-- 200, short 1: strings put together piece by piece
local rounds = tonumber(arg[1])
local size = 5000

local sum = 0
for round = 1, rounds do
  local parts, s = {}, ""
  for i = 1, size do parts[#parts + 1] = i .. "," end
  local long = table.concat(parts)
  for i = 1, size // 10 do s = s .. i .. ";" end
  local row = {}
  for i = 1, size // 5 do row[i] = ("x"):rep(i % 9) .. "-" .. round .. "-" .. i end
  local joined = table.concat(row, ", ")
  sum = sum + #long + #s + #joined + joined:byte(#joined // 2) + #long:reverse():upper()
end
print(sum)
