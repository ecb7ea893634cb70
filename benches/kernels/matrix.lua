-- 200, short 30: arrays of arrays of floats
local n = tonumber(arg[1])

local function matrix(f)
  local m = {}
  for i = 1, n do
    local row = {}
    for j = 1, n do row[j] = f(i, j) end
    m[i] = row
  end
  return m
end

local function product(a, b)
  local bt = matrix(function(i, j) return b[j][i] end)
  return matrix(function(i, j)
    local x, y, sum = a[i], bt[j], 0.0
    for k = 1, n do sum = sum + x[k] * y[k] end
    return sum
  end)
end

local a = matrix(function(i, j) return (i - j) * (i + j - 2) / n / n end)
local c = product(product(a, a), product(a, a))
local trace = 0.0
for i = 1, n do trace = trace + c[i][i] end
print(string.format("%.6f %.6f", trace, c[1][n]))
