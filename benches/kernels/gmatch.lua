-- 1000, short 8: iterating over matches, with and without captures
local rounds = tonumber(arg[1])

local lines = {}
for i = 1, 100 do
  lines[i] = ("name%d = value %d; list=[%d, %d,%d]"):format(i, i * 3, i, i + 1, i * i)
end
local text = table.concat(lines, "\n")

local sum = 0
for _ = 1, rounds do
  for line in text:gmatch("[^\n]+") do
    for key, value in line:gmatch("(%w+)%s*=%s*([^;]+)") do sum = sum + #key + #value end
  end
  for number in text:gmatch("%d+") do sum = (sum + number) % 1000003 end
  for position in text:gmatch("()%[") do sum = sum + position end
end
print(sum)
