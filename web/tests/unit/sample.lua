-- A bit of everything, for what reads programs. It is right in both versions, and runs.
local limit <const> = 5
local list = {1, 2, x = 3, [limit] = 4, "five"}

for i = 1, 3 do
  list[i] = i .. "x" .. limit
end

for key, value in pairs(list) do
  assert(key ~= nil and value)
end

local function extra(...)
  local first, second = ...
  return select("#", ...),
    first // 2, second & 3, -first, not second, #list
end
extra(7, 9)

if list.x == 3 and list.x > 2 or list.y ~= "q" then
  goto done
end

function list:method(z)
  self.q = z
  return self.other(z, 1.5)
end

::done::
function list.other(a, b)
  local t = a >> 1
  t = 1 << t
  t = t | ~b
  while t < 100 do
    t = t * 2 ^ 0.5 % 1e300
    if t > 50.5 then break end
  end
  return t
end
list.other(3, 2)

local function count(n)
  if n > 0 then
    return count(n - 1)
  end
  return n
end
count(10)

local made = (function()
  local up = 0
  return function()
    up = up + 1
    return up
  end
end)()
made()

do
  local closed <close> = setmetatable({}, {__close = function()
    list = nil
  end})
end

repeat
  local flag = true
until flag

return made, 0x7fffffffffffffff, math.huge, -0.0, "\0\xff", nil
