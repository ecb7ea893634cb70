-- 270, short 2: operators, indexing, calling and comparing by metamethods
local rounds = tonumber(arg[1])

local Vector = {}
Vector.__index = Vector
local function vector(x, y) return setmetatable({ x = x, y = y }, Vector) end
Vector.__add = function(a, b) return vector(a.x + b.x, a.y + b.y) end
Vector.__mul = function(a, k) return vector(a.x * k % 1009, a.y * k % 1009) end
Vector.__unm = function(a) return vector(-a.x, -a.y) end
Vector.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Vector.__lt = function(a, b) return a.x < b.x end
Vector.__len = function(a) return a.x + a.y end
Vector.__call = function(a, k) return a.x * k end
Vector.__concat = function(a, b) return tostring(a) .. tostring(b) end
Vector.__tostring = function(a) return "(" .. a.x .. "," .. a.y .. ")" end

local log = 0
local proxy = setmetatable({}, {
  __index = function(_, key) return key * 2 end,
  __newindex = function(_, key, value) log = (log + key + value) % 1000003 end,
})

local sum = 0
for round = 1, rounds do
  local a, b = vector(1, 2), vector(3, round)
  for i = 1, 1500 do
    a = a * 3 + -b
    if a < b or a == b then sum = sum + 1 end
    sum = sum + #b + a(2) + proxy[i]
    proxy[i] = i
  end
  sum = (sum + #(a .. b) + log) % 1000003
end
print(sum, log)
