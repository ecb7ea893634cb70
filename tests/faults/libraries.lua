local t = {}
for i = 1, 60 do t[i] = (i * 37) % 61 end
table.sort(t)
table.sort(t, function(a, b) return a > b end)
table.insert(t, 1, 0) table.remove(t) table.move(t, 1, 20, 40)
print(table.concat(t, " "), select("#", table.unpack(t)), table.pack(1, 2, 3).n)
math.randomseed(7)
print(math.random(100), math.floor(2.5), math.tointeger(3.0), math.type(1), math.maxinteger)
print(os.date("!%Y-%m-%d %H:%M:%S %A %B", 86400), os.time({year = 2024, month = 2, day = 30, hour = 12}), os.date("!*t", 0).year, os.getenv("x"), os.tmpname(), os.clock())
print(pcall(require, "missing"), package.searchpath("x", "?.lua;?/y.lua"))
package.preload.loaded = function(name) return {name = name} end
print(require("loaded").name, _G._VERSION, collectgarbage("count") > 0, collectgarbage())
local info = debug.getinfo(1, "nSlutf")
debug.sethook(function() end, "l") local x = 1 debug.sethook()
debug.setmetatable(1, {__index = function(n, k) return k end}) local k = (1).field debug.setmetatable(1, nil)
print(info.short_src, debug.traceback("trace"), debug.getlocal(1, 1), debug.getregistry() ~= nil)
local weak = setmetatable({}, {__mode = "k"}) for i = 1, 10 do weak[{}] = {} end collectgarbage()
local co = coroutine.create(function(a) local b <close> = setmetatable({}, {__close = function() end}) coroutine.yield(a) end)
print(coroutine.resume(co, 1), coroutine.status(co), coroutine.close(co), coroutine.isyieldable(), coroutine.running())
warn("@on") warn("a ", "warning")
print(next({}), rawlen(t), rawequal(t, t), tonumber("ff", 16), tonumber("1e3"), tostring(nil), select(-1, 1, 2), ipairs(t))
return #t, k
