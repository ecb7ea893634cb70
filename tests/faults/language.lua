local parts = {}
for i = 1, 40 do parts[#parts + 1] = "part " .. i end
local t = {}
for i = 1, 20 do t["key" .. i] = {i, {i}} end
local functions = {}
for i = 1, 5 do functions[i] = function(x) return i + x + #t end end
local object = setmetatable({}, {__index = function(_, k) return k .. "!" end, __tostring = function() return "an object" end, __gc = function() end})
local co = coroutine.wrap(function(...) for i = 1, 5 do coroutine.yield(i, ...) end end)
local sum = co(1, 2) + select("#", table.unpack(parts)) + functions[3](4)
local ok, message = pcall(error, {sum})
do local closed <close> = setmetatable({}, {__close = function() sum = sum + 1 end}) end
local function varargs(...) local a, b = ... return {...}, a, b end
local deep = 0
local function recurse(n) if n > 0 then deep = deep + 1 return recurse(n - 1) + 1 end return 0 end
recurse(300)
print(object, object.field, varargs(1, 2, 3)[3], xpcall(error, function(m) return m .. debug.traceback() end, "m"))
return sum, table.concat(parts, ","):sub(1, 30), tostring(object), load("local a, b = 1, {x = 'y'} return function() return a, b.x end")()()
