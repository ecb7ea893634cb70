-- 220, short 2: functions that are made, and variables that they share
local rounds = tonumber(arg[1])

local function counter()
  local n = 0
  return function() n = n + 1 return n end, function() return n end
end

local function compose(f, g) return function(x) return f(g(x)) end end
local function map(list, f)
  local result = {}
  for i = 1, #list do result[i] = f(list[i]) end
  return result
end

local list = {}
for i = 1, 100 do list[i] = i end

local sum = 0
for round = 1, rounds do
  for i = 1, 5000 do
    local step, get = counter()
    step() step()
    sum = sum + get()
  end
  local f = function(x) return x + round end
  for _ = 1, 5 do f = compose(f, function(x) return x * 2 % 1009 end) end
  for _ = 1, 20 do
    for _, x in ipairs(map(list, f)) do sum = sum + x end
  end
  sum = sum % 1000003
end
print(sum)
