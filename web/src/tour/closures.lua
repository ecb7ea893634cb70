-- A function remembers the variables around it, each call its own.
local function counter(step)
  local count = 0
  return function()
    count = count + step
    return count
  end
end

local ones, tens = counter(1), counter(10)
print(ones(), ones(), tens(), ones(), tens())

-- Functions that take and give functions.
local function map(list, f)
  local result = {}
  for i, value in ipairs(list) do
    result[i] = f(value)
  end
  return result
end

local function compose(f, g)
  return function(...)
    return f(g(...))
  end
end

local function double(x)
  return x * 2
end

local function increment(x)
  return x + 1
end

print(table.concat(map({ 1, 2, 3, 4 }, compose(double, increment)), " "))

-- A memory for any function of one argument: the slow way is taken once.
local calls = 0

local function memoize(f)
  local known = {}
  return function(x)
    local value = known[x]
    if value == nil then
      value = f(x)
      known[x] = value
    end
    return value
  end
end

local fibonacci
fibonacci = memoize(function(n)
  calls = calls + 1
  if n < 2 then
    return n
  end
  return fibonacci(n - 1) + fibonacci(n - 2)
end)

print("fibonacci(80) is " .. fibonacci(80) .. ", in " .. calls .. " calls")
