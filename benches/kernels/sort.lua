-- 16, short 1: table.sort by the order of numbers and of strings
local rounds = tonumber(arg[1])
local size = rounds == 1 and 2000 or 16000

local seed, sum = 42, 0
for round = 1, rounds do
  local numbers, floats, words = {}, {}, {}
  for i = 1, size do
    seed = (seed * 3877 + 29573 + round) % 139968
    numbers[i], floats[i], words[i] = seed, seed / 7, "w" .. seed
  end
  table.sort(numbers) table.sort(floats) table.sort(words)
  for i = 1, size, 100 do sum = (sum * 31 + numbers[i] + #words[i] + floats[i] // 1) % 65521 end
end
print(sum)
