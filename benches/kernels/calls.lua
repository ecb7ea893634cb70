-- 500, short 4: deep recursion, functions of three arguments, tail calls
local rounds = tonumber(arg[1])

local function ackermann(m, n)
  if m == 0 then return n + 1 end
  if n == 0 then return ackermann(m - 1, 1) end
  return ackermann(m - 1, ackermann(m, n - 1))
end

local function tak(x, y, z)
  if y >= x then return z end
  return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))
end

local function count(n, sum)
  if n == 0 then return sum end
  return count(n - 1, sum + 1)
end

local sum = 0
for _ = 1, rounds do
  sum = sum + ackermann(2, 60) + tak(14, 9, 4) + count(20000, 0)
end
print(sum)
