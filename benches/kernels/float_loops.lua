-- 600, short 4: loops over floats, with functions of math
local rounds = tonumber(arg[1])
local sqrt, floor, sin = math.sqrt, math.floor, math.sin

local inside, sum = 0, 0.0
for i = 1, rounds do
  local x = 0.5 + i * 1e-6
  for _ = 1, 10000 do
    x = x * 3.9 * (1.0 - x)
    local y = sqrt(x * x + 0.25)
    if y < 0.75 then inside = inside + 1 else sum = sum + y / 3.0 end
  end
  for j = 0.0, 1000.0, 0.5 do
    sum = sum + floor(j / 7.0) - j ^ 2.0 * 1e-6
  end
  sum = sum + sin(x)
end
print(inside, string.format("%.6f", sum))
