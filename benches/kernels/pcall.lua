-- 650, short 6: protected calls that succeed
local rounds = tonumber(arg[1])
local pcall, xpcall, assert = pcall, xpcall, assert

local function f(x) return x + 1 end
local function handler(message) return message end
local function nested(depth)
  if depth == 0 then return 1 end
  return select(2, pcall(nested, depth - 1)) + 1
end

local sum = 0
for i = 1, rounds do
  for j = 1, 3000 do
    local ok, value = pcall(f, j)
    sum = sum + (ok and value or 0)
    ok, value = xpcall(f, handler, i)
    sum = sum + assert(value)
  end
  sum = (sum + nested(50)) % 1000003
end
print(sum)
