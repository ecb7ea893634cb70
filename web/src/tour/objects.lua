-- A class is a table. Objects look up in it what they lack themselves: that is __index.
local Vector = {}
Vector.__index = Vector

function Vector.new(x, y)
  return setmetatable({ x = x, y = y }, Vector)
end

-- With a colon the object comes as self.
function Vector:length()
  return math.sqrt(self.x ^ 2 + self.y ^ 2)
end

-- Metamethods say what operators mean.
function Vector.__add(a, b)
  return Vector.new(a.x + b.x, a.y + b.y)
end

function Vector.__mul(a, b)
  if type(a) == "number" then
    a, b = b, a
  end
  return Vector.new(a.x * b, a.y * b)
end

function Vector.__eq(a, b)
  return a.x == b.x and a.y == b.y
end

function Vector:__tostring()
  return "(" .. self.x .. ", " .. self.y .. ")"
end

local a, b = Vector.new(3, 4), Vector.new(1, 2)
print(a + b, 2 * a, a:length(), a == Vector.new(3, 4))

-- Inheritance is one more step of the same lookup.
local Animal = {}
Animal.__index = Animal

function Animal.new(class, name)
  return setmetatable({ name = name }, class)
end

function Animal:speak()
  return self.name .. " says " .. self.sound
end

local Dog = setmetatable({ sound = "woof" }, Animal)
Dog.__index = Dog

local Puppy = setmetatable({ sound = "yip" }, Dog)
Puppy.__index = Puppy

print(Dog:new("Rex"):speak())
print(Puppy:new("Pixel"):speak())

-- __index may be a function: a table that makes its values when they are asked for.
local squares = setmetatable({}, {
  __index = function(t, n)
    local square = n * n
    rawset(t, n, square)
    return square
  end,
})
print(squares[12], rawget(squares, 12), rawget(squares, 13))
