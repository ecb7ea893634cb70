-- 11, short 1: table.sort with a comparator
local rounds = tonumber(arg[1])
local size = rounds == 1 and 2000 or 16000

local seed, sum = 42, 0
for round = 1, rounds do
  local numbers, records = {}, {}
  for i = 1, size do
    seed = (seed * 3877 + 29573 + round) % 139968
    numbers[i] = seed
    records[i] = { key = seed % 1000, place = i }
  end
  table.sort(numbers, function(a, b) return a > b end)
  table.sort(records, function(a, b)
    if a.key ~= b.key then return a.key < b.key end
    return a.place < b.place
  end)
  for i = 1, size, 100 do sum = (sum * 31 + numbers[i] + records[i].place) % 65521 end
end
print(sum)
