-- 300000, short 3000: floats in an array, sorted by a heap
local n = tonumber(arg[1])

local seed = 42
local function random()
  seed = (seed * 3877 + 29573) % 139968
  return seed / 139968
end

local a = {}
for i = 1, n do a[i] = random() end

local function sift(root, last)
  local value = a[root]
  while true do
    local child = root * 2
    if child > last then break end
    if child < last and a[child] < a[child + 1] then child = child + 1 end
    if value >= a[child] then break end
    a[root] = a[child]
    root = child
  end
  a[root] = value
end

for root = n // 2, 1, -1 do sift(root, n) end
for last = n, 2, -1 do
  a[1], a[last] = a[last], a[1]
  sift(1, last - 1)
end

local sum = 0.0
for i = 2, n do
  assert(a[i - 1] <= a[i])
  sum = sum + a[i] * (i % 10)
end
print(string.format("%.6f", sum))
