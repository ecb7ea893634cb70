-- Upvalues: shared, fresh for each turn of a loop, and closed when their block ends.
local function pair()
  local n = 0
  return function() n = n + 1 return n end, function() return n end
end
local up, get = pair()
up() up()
print(get(), select(2, pair())())
local made = {}
for i = 1, 3 do made[i] = function() i = i * 10 return i end end
print(made[1](), made[1](), made[2](), made[3]())
local function fix(f) return function(...) return f(fix(f), ...) end end
print(fix(function(self, n) return n < 2 and 1 or n * self(n - 1) end)(20))
do
  local log = {}
  local function closing(name) return setmetatable({}, {__close = function(_, e) log[#log + 1] = name .. ":" .. tostring(e) end}) end
  local ok, e = pcall(function()
    local a <close> = closing("a")
    local b <close>, c <const> = closing("b"), 7
    error("out " .. c, 0)
  end)
  print(ok, e, table.concat(log, " "))
end
goto done
print("never")
::done::
return select("#", table.unpack({nil, nil, nil}, 1, 3)), ("x"):rep(3, "-")
