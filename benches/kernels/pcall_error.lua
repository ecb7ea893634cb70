-- 320, short 2: errors that are raised and caught, near and far
local rounds = tonumber(arg[1])
local pcall, error = pcall, error

local function fails(x) error(x, 0) end
local function fails_with_position(x) error("bad " .. x) end
local function fails_deep(depth)
  if depth == 0 then error("deep", 0) end
  return 1 + fails_deep(depth - 1)
end
local function fails_by_itself(x) return x.field.field end

local sum = 0
for i = 1, rounds do
  for j = 1, 500 do
    local _, message = pcall(fails, j)
    sum = sum + message
    _, message = pcall(fails_with_position, j)
    sum = sum + #message - #message:match("^(.-):%d+: ")
    _, message = xpcall(fails, function(x) return x + 1 end, i)
    sum = sum + message
  end
  for _ = 1, 50 do
    sum = sum + #select(2, pcall(fails_deep, 30))
    sum = sum + #select(2, pcall(fails_by_itself, {})):match("attempt.*$")
  end
  sum = sum % 1000003
end
print(sum)
