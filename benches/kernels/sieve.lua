-- 200, short 2: an array of booleans, filled and swept
local rounds = tonumber(arg[1])
local size = 50000

local count, last
for _ = 1, rounds do
  local composite = {}
  for i = 1, size do composite[i] = false end
  count = 0
  for i = 2, size do
    if not composite[i] then
      count, last = count + 1, i
      for j = i * i, size, i do composite[j] = true end
    end
  end
end
print(count, last)
