-- 36, short 1: tables by strings, by integers and by floats
local rounds = tonumber(arg[1])
local size = rounds == 1 and 3000 or 10000

local words = {}
for i = 1, size do words[i] = "key" .. i * 7 end

local sum = 0
for round = 1, rounds do
  local by_word, by_number, by_float = {}, {}, {}
  for i = 1, size do
    by_word[words[i]] = i
    by_number[i * 1021 % 1000003] = i
    by_float[i + 0.5] = i
  end
  for _ = 1, 5 do
    for i = 1, size do
      sum = sum + by_word[words[i]] + by_number[i * 1021 % 1000003] + by_float[i + 0.5]
      if by_word[i] then sum = sum + 1 end
    end
    sum = sum % 1000003
  end
  for _, value in pairs(by_word) do sum = sum + value end
  for key in next, by_number do by_number[key] = nil end
  sum = (sum + round + (next(by_number) and 1 or 0)) % 1000003
end
print(sum)
