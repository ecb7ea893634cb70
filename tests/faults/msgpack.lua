-- Tables of every shape, one of them weak, and strings of all lengths.
local weak = setmetatable({}, {__mode = "kv"}) for i = 1, 20 do weak[i] = {} weak[{}] = i end
local deep = {} for i = 1, 127 do deep = {[i % 3 == 0 and "k" or 1] = deep} end
local values = {1, 2.5, "text", ("\xff"):rep(300), {x = {y = {z = {}}}}, {true, false, {}}, [2^40] = -1}
local s = msgpack.encode(values, deep, ("x"):rep(70000))
local keep = {n = 0}
setmetatable({}, {__gc = function() keep.n = keep.n + 1 end})
for i = 1, 4 do keep[i] = msgpack.encode(weak, keep) end
local position, n = 1, 0
while position <= #s do
  local value
  value, position = msgpack.decode(s, position)
  assert(msgpack.encode(value) ~= nil)
  n = n + 1
end
print(n, pcall(msgpack.encode, print), pcall(msgpack.decode, s:sub(1, -2), 1), pcall(msgpack.decode, "\x93\1"))
return n
