error({S})
;;
error({S}, {k})
;;
error(setmetatable({}, {__tostring = function() return {S} end}))
;;
error({t})
;;
local function level3() error({S}, {k}) end local function level2() level3() end local function level1() level2() end level1()
;;
local function tail(n) if n == 0 then local t = {S} return t.x.y end return tail(n - 1) end tail({j})
;;
local function deep(n) if n == 0 then error({s}) end deep(n - 1) end
deep({j})
;;
table.sort({3, 1, 2, {S}}, function(a, b) if a == 1 then error({S}) end return a < b end)
;;
("abc"):gsub(".", function(c) if c == "c" then return undefinedfield.x end end)
;;
coroutine.wrap(function() local x = {S}
 coroutine.wrap(function() error({S}) end)() end)()
;;
local t = setmetatable({}, {__index = function(t, k) error({S}, 2) end, __add = function(a, b) return a.x end})
local x = t + t
;;
for i in function(s, c) if c == 2 then error({S}) end return (c or 0) + 1 end do end
;;
local t = {} t.x = {} function t.x.y(n) return n + {S} end function t.x:z() return self.y({S}) + self.w() end t.x:z()
;;
local a <close> = setmetatable({}, {__close = function(_, e) error({S}) end}) local b <close> = setmetatable({}, {__close = function(_, e) out("b", e) end}) error({S})
;;
string.rep({S}, {k}) string.format("%d", {S}) ("x"):bad({S}) math.floor({S}) setmetatable({S}, {S})
;;
local s = {S} local n = {S} local r = s .. n local u = s + n local v = s < n local w = s() return r, u, v, w
;;
load("error({S})", "=named")() 
;;
load("local x = ... \n\n return x.y", "@file.lua")({S})
;;
assert(load({L}))()
;;
assert({S}, {S})
;;
local ok, e = pcall(error, {t}) error(e)
;;
xpcall(function() error({S}) end, function(e) print(debug.traceback(e)) end) require("missing.module")
;;
local function r(n) return r(n + 1) + 1 end if {k} == 0 then r(1) end error({s}, {k})
;;
pcall(string.rep) string.rep()
;;
assert(select({i}, {S}, {S}), {S}) error()
;;
local co = coroutine.create(function() local function inner() coroutine.yield() end inner() end) coroutine.resume(co) print(debug.traceback(co, {S})) error(debug.traceback({s}, {k}))
