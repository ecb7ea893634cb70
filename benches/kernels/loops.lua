-- 500, short 4: loops over integers, every operation on them
local rounds = tonumber(arg[1])

local sum = 0
for i = 1, rounds do
  for j = 1, 20000 do
    sum = (sum + i * j % 7 - j // 3) & 0xffffff
    if (i ~ j) & 5 == 4 then sum = sum + (j >> 2 | 1) end
  end
  local k = 20000
  while k > 0 do
    k = k - 3
    sum = sum ~ (k << 1 & 255)
  end
end
print(sum)
