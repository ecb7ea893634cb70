out(xpcall({F}, function(e) return debug.traceback(e, {k}) end, {S}, {S}))
;;
out(xpcall(function() local x = {S} return x.y.z end, debug.traceback))
;;
try(error, {S}, {k}) try(error, {t}) try(error) try(error, nil) try(assert, {S}, {S}) try(assert, false, {t}) try(assert)
;;
local function f$(n) if n == 0 then error({S}) end return (f$(n - 1)) end out(xpcall(f$, debug.traceback, {j})) try(f$, {j})
;;
local function f$(n) if n == 0 then local x = {S} return x() end return f$(n - 1) end out(xpcall(f$, debug.traceback, 3))
;;
out(pcall(pcall)) out(pcall(xpcall, out)) out(xpcall(error, function(e) error({S}) end, {S})) out(pcall(xpcall)) out(xpcall({F}, {F}, {S}))
;;
try(function() local a = {S} a.b = 1 end) try(function() local a = {S} a:m() end) try(function() local a = {S} return a[{S}] end) try(function() local t = {} t[{S}] = {S} return t end)
;;
try(function() return undefined$ .. {S} end) try(function() undefined$.x = 1 end) try(function() undefined$() end) try(function() return t1.x.y end) try(function() return s1.x.y end) try(function() string.nothing() end)
;;
try(function() local t = {{S}} return t[1] < {S} end) try(function() return {S} + {S} end) try(function() return {S} .. {S} end) try(function() return {S} | {S} end) try(function() return # {S} end) try(function() return - ({S}) end)
;;
try(string.rep) try(string.rep, {S}, {k}, {S}) try(string.rep, {t}, {S}) try(string.sub, {S}, {S}) try(string.byte, {S}, {S}) try(string.char, {S}, {S}) try(math.floor, {S}) try(table.concat, {S}) try(table.insert, {S}, {S}, {S}) try(ipairs, {S}) try(setmetatable, {S}) try(select, {S}, {S}) try(tonumber, {S}, {S}) try(next, {t}, {S}) try(rawset, {S}, {S}) try(utf8.char, {S})
;;
try(string.format, {S}, {S}) try(string.gsub, {S}, {S}, {S}, {S}) try(string.find, {S}, {S}, {S}) try(table.unpack, {S}, {S}) try(math.max) try(math.random, {S}, 1, 2) try(os.date, {S}, {e}) try(load, {S}, {S}, {S}) try(string.pack, {w}, {S}) try(utf8.codepoint, {S}, {S}, {S}) try(rawlen, {S}) try(math.ult, {S}, {S}) try(math.tointeger, {S})
;;
do local x = {S} try(load, function() local y = x x = nil return y end) end out(load({L}, {s})) out(load({L}, "=" .. {s})) out(load({L}, "@" .. {s})) out(load({L}, {s}:rep(9), "b"))
;;
local chunk$ = load("local a, b = ... \n local c = a + b \n return c, " .. {L}:gsub("\n", " "), "=chunk") try(chunk$ or out, {S}, {S})
;;
local n$ = 0 local chunk$, message$ = load(function() n$ = n$ + 1 return ({"return ", {s}, "\n+", " 1", nil})[n$] end) out(chunk$ and pcall(chunk$), message$)
;;
local env$ = {x = {S}} local f$ = load("x = x .. {S} return x, y", "=env", "t", env$) try(f$) out(env$)
;;
local function recurse$(n) return 1 + recurse$(n + 1) end if {k} ~= 0 then recurse$ = error end local ok, e = pcall(recurse$, 1) out(ok, (tostring(e):gsub("\n.*", "")))
;;
local function overflow$() return {pcall(overflow$)} end out(pcall(string.rep, "x", -1), (pcall(overflow$)))
;;
try(function() local s = string.rep("(", 300) return load("return " .. s) end) try(load, ("x = "):rep(2) .. ("{"):rep(250)) try(load, "return " .. ("- "):rep(300) .. "1")
;;
local mt$ = {__index = function(t, k) error("no field " .. tostring(k), 2) end} try(function() local t = setmetatable({}, mt$) return t[{S}] end)
;;
try(debug.getinfo, {S}) out(debug.getinfo(1, "l").currentline, debug.getinfo(1, "S").short_src, debug.getinfo(try, "S").linedefined, debug.getinfo(print, "S").what) try(debug.traceback, {S}, {k}) try(debug.getlocal, 1, {k}) try(debug.getinfo, 1, {s})
;;
local function where$(level) local i = debug.getinfo(level, "nSlut") return i and {i.name, i.namewhat, i.what, i.currentline, i.linedefined, i.nups, i.nparams, i.isvararg, i.istailcall} end out(where$(1), where$(2), where$({k})) out((function() return where$(2) end)())
;;
local log$ = {} debug.sethook(function(e, l) log$[#log$ + 1] = e .. tostring(l) end, {h}) local x$ = {i} if x$ == {k} then x$ = {S} end for i = 1, 2 do x$ = i end debug.sethook() out(#log$, table.concat(log$, " ", 1, math.min(#log$, 30)))
;;
local function up$() local a, b = {S}, {S} return function() return a, b end end local g$ = up$() out(debug.getupvalue(g$, 1)) out(debug.getupvalue(g$, {k})) out(debug.setupvalue(g$, 1, {S})) try(g$)
;;
warn("@on") warn({s}, {s}) warn("@off") warn("unseen") try(warn, {S}) try(warn)
