-- 380, short 3: functions of any number of arguments
local rounds = tonumber(arg[1])
local select, pack, unpack = select, table.pack, table.unpack

local function sum_by_select(...)
  local sum = 0
  for i = 1, select("#", ...) do sum = sum + (select(i, ...)) end
  return sum
end

local function sum_by_table(...)
  local sum = 0
  for _, value in ipairs({ ... }) do sum = sum + value end
  return sum
end

local function pass(f, ...) return f(...) end
local function first(a, ...) return a, select("#", ...) end
local function rotate(a, ...)
  local t = pack(...)
  t[t.n + 1] = a
  return unpack(t)
end

local sum = 0
for i = 1, rounds do
  for j = 1, 600 do
    sum = sum + sum_by_select(i, j, 3, 4) + sum_by_table(1, j, i)
    sum = sum + pass(sum_by_select, i, j) + pass(math.max, i, j, 7)
    local a, count = first(rotate(rotate(1, 2, 3, j)))
    sum = (sum + a + count) % 1000003
  end
end
print(sum)
