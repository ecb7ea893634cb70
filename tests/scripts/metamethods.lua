local log = {}
local mt = {}
for _, event in ipairs {"add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "bxor", "shl", "shr",
                        "bnot", "concat", "len", "eq", "lt", "le", "call"} do
  mt["__" .. event] = function(a, b) log[#log + 1] = event return event == "eq" or event == "lt" end
end
local a, b = setmetatable({}, mt), setmetatable({}, mt)
local _ = a + 1, 1 - a, a * b, a / 2, a % 2, a ^ 2, -a, a // 2, a & 1, a | 1, a ~ 1, a << 1, a >> 1, ~a, a .. "x", #a
print(a == b, a < b, a <= b, a ~= b, a > b)
a(1, 2)
print(table.concat(log, " "))
local proxy = setmetatable({}, {
  __index = function(_, k) return k .. "!" end,
  __newindex = function(t, k, v) rawset(t, k, v * 2) end,
  __pairs = function(t) return function(_, k) if not k then return 1, "one" end end, t, nil end,
  __metatable = "locked",
})
proxy.x = 21
print(proxy.x, proxy.y, getmetatable(proxy), pcall(setmetatable, proxy, {}))
for k, v in pairs(proxy) do print(k, v) end
print(rawequal(a, a), rawlen({1, 2}), rawget(proxy, "x"))
local weak = setmetatable({}, {__mode = "v"})
weak[1], weak[2] = {}, "kept"
collectgarbage()
print(weak[1], weak[2])
print(pcall(function() return {} < {} end))
print(pcall(function() return {} .. "x" end))
