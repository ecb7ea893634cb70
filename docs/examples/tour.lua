-- A tour of Lua as Moonlet runs it: `make run` prints what this script prints.

local function heading(text)
  print(string.format("\n-- %s %s", text, string.rep("-", 40 - #text)))
end

print(_VERSION .. " in one WebAssembly file, without imports")

heading("closures")
local function counter(step)
  local n = 0
  return function()
    n = n + step
    return n
  end
end
local by_two, by_ten = counter(2), counter(10)
print(by_two(), by_two(), by_ten(), by_two())

heading("metatables")
local Vector = {}
Vector.__index = Vector
Vector.__add = function(a, b) return Vector.new(a.x + b.x, a.y + b.y) end
Vector.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Vector.__tostring = function(v) return "(" .. v.x .. ", " .. v.y .. ")" end
function Vector.new(x, y) return setmetatable({x = x, y = y}, Vector) end
function Vector:length() return math.sqrt(self.x ^ 2 + self.y ^ 2) end
local v = Vector.new(1, 2) + Vector.new(2, 2)
print(tostring(v), v:length(), v == Vector.new(3, 4))

heading("coroutines")
local function permutations(list, n)
  n = n or #list
  if n == 0 then coroutine.yield(table.concat(list, " ")) end
  for i = 1, n do
    list[n], list[i] = list[i], list[n]
    permutations(list, n - 1)
    list[n], list[i] = list[i], list[n]
  end
end
for line in coroutine.wrap(function() permutations({"a", "b", "c"}) end) do print(line) end

heading("string formatting")
print(string.format("%5d|%-8s|%08.3f|%x|%g", 42, "left", math.pi, 255, 1e100))
print(string.format("%q", "a \"quoted\"\nline"))
print(string.format("%a %.3a", 0.1, 1 / 3))

heading("patterns")
print(("2026-11-22"):match("(%d+)-(%d+)-(%d+)"))
print((("hello world"):gsub("%w+", function(word) return word:sub(1, 1):upper() .. word:sub(2) end)))
for key, value in ("width = 10; height=20"):gmatch("(%w+)%s*=%s*(%w+)") do print(key, value) end

heading("integers and floats")
print(7 // 2, 7 / 2, 7 % -3, 2 ^ 10, 1 << 40)
print(math.maxinteger, math.mininteger, math.maxinteger + 1 == math.mininteger)
print(math.type(1), math.type(1.0), 1 == 1.0, 9007199254740993, 2 ^ 53 == 2 ^ 53 + 1)
print(0.1 + 0.2 == 0.3, string.format("%.17g", 0.1 + 0.2), 1 / 0, -1 / 0)

heading("tables")
local squares = {}
for i = 1, 10 do squares[i] = i * i end
table.sort(squares, function(a, b) return a > b end)
print(#squares, table.concat(squares, ",", 1, 5), table.unpack(squares, 9, 10))

heading("files")
local file = assert(io.open("notes/today.txt", "w"))
file:write("first line\n", "second line\n", 3.5, "\n")
file:close()
for line in io.lines("notes/today.txt") do print("read", line) end
print(io.open("notes/tomorrow.txt"))
print(os.rename("notes/today.txt", "notes/yesterday.txt"), os.remove("notes/yesterday.txt"))

heading("errors")
local ok, message = pcall(function() return nil + 1 end)
print(ok, message)
print(pcall(error, {code = 42}) == false, select(2, pcall(error, {code = 42})).code)
print(xpcall(function() error("deep") end, function(e) return "handled: " .. e end))
do
  local resource <close> = setmetatable({}, {__close = function(_, e) print("closed", e) end})
  print("in the block")
end

heading("modules")
print(package.path, pcall(require, "not.there") == false)

return "the end of the tour"
