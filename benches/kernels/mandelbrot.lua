-- 460, short 40: floats in local variables
local n = tonumber(arg[1])

local inside, sum = 0, 0
for row = 0, n - 1 do
  local ci = 2.0 * row / n - 1.0
  for column = 0, n - 1 do
    local cr = 2.0 * column / n - 1.5
    local zr, zi, step = 0.0, 0.0, 0
    while step < 100 do
      local rr, ii = zr * zr, zi * zi
      if rr + ii > 4.0 then break end
      zr, zi = rr - ii + cr, 2.0 * zr * zi + ci
      step = step + 1
    end
    if step == 100 then inside = inside + 1 end
    sum = (sum * 31 + step) % 65521
  end
end
print(inside, sum)
