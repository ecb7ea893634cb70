try(os.date, {d}, {e}) try(os.date, "!" .. {d}, {e}) try(os.date, "!%c", ({i})) out(os.date("!*t", {e})) try(os.date, "*t", ({i}))
;;
try(os.time, {year = {y}, month = {k}, day = {j}, hour = {k}, min = {j}, sec = {j}}) try(os.time, {year = {y}, month = {i}, day = {i}}) try(os.time, {year = {S}, month = 1, day = 1}) try(os.time, {year = 2020, month = {n}, day = 1}) try(os.time, {year = {i}, month = 1, day = 1, isdst = {S}})
;;
local d$ = {year = {y}, month = {j}, day = {j}, hour = {i} % 100, min = - {k}, sec = {j} * 60, isdst = {b}} try(os.time, d$) out(d$) try(os.date, {d}, os.time({year = {y}, month = {k}, day = {j}}))
;;
try(os.date, {s}, {e}) try(os.date, "%" .. {s}, {e}) try(os.date, "%E" .. {s}, 0) try(os.date, "%Od %Ey %OQ", 0) out(os.difftime({e}, {e})) try(os.difftime, {S}, {S}) try(os.date, "%c", 1e300) try(os.date, "%Y", 1 << 60) try(os.date, "*t", -1 << 62)
;;
do local f <close> = io.tmpfile() f:write({s}, {n}, "\n", {i}, " ", {f}, "\n") out(f:seek("cur"), f:seek("set", {k}), f:read("l")) f:seek("set") out(f:read("L", {j}, "n")) f:seek("set") for l in f:lines() do out(l) end out(f:seek("end", - {k}), f:read("a"), f:read("l"), f:read(0)) end
;;
do local f = io.tmpfile() f:write({N}, " ", {D}, " ", {s}, " ", {N}, "\n", {N}, {s}) f:seek("set") out(f:read("n", "n", "n")) out(f:read("n")) out(f:read("l")) out(f:read("n", "l")) try(f.read, f, {j}) try(f.seek, f, {s}) try(f.seek, f, "set", {k}) out(f:close()) try(f.read, f) try(f.close, f) out(io.type(f), io.type({v}), tostring(f)) end
;;
out(io.open("missing/file")) out(io.open("missing$", "r")) try(io.open, "x", {m}) try(io.lines, "missing/file") try(io.open, {k}) try(dofile, "missing.lua") out(loadfile("missing.lua")) out(io.type(io.stdout)) out(io.read("a")) out(io.read("l")) try(io.read, {m}) try(io.write, {t}) try(io.lines, {k})
;;
do local f = io.tmpfile() f:setvbuf("full", {j}) for i = 1, {k} do f:write({s}, "\n") end f:seek("set") local n = 0 for a, b in f:lines("L", {j}) do n = n + 1 out(a, b) if n > 6 then break end end f:seek("end") f:write({s}) f:seek("set") out(#f:read("a")) f:close() end
;;
try(require, "missing$") try(require, {i}) out(package.config, package.path == nil) out(package.searchpath("missing.$", "?.lua;x/?.lua")) package.preload.p$ = function(...) out(...) return {S} end try(require, "p$") try(require, "p$") out(package.loaded.p$)
;;
out(os.getenv("MISSING$"), os.setlocale("C"), os.setlocale(nil, "numeric"), os.setlocale("missing")) try(os.setlocale, {S}, {S}) out(os.remove("missing/file$")) out(os.rename("missing/file$", "missing/other$"))
;;
local g$ = _G.undefined$ _G["g$"] = {S} out(g$, rawget(_G, "g$"), _ENV == _G) local function f$() local _ENV = {x = {S}} return x, y end out(f$()) try(function() local _ENV = {S} return z end)
;;
out(_VERSION, math.pi, math.huge, - math.huge, math.maxinteger, math.mininteger, utf8.charpattern) out(collectgarbage("isrunning"), collectgarbage(), collectgarbage("step") ~= nil) try(collectgarbage, {S})
;;
local names$ = {} for k, v in pairs({l}) do names$[#names$ + 1] = k end table.sort(names$) out(table.concat(names$, " "))
;;
local dump$ = string.dump(function(a) return a end) out(#dump$ > 0, dump$:sub(1, 4)) try(string.dump, print) try(string.dump, {S})
;;
out(load("global x$; x$ = 1 return x$")) out(load("global <const> x$; x$ = 1")) out(load("global *; y = 1")) out(load("global a, b = 1, 2; c = 3")) out(load("local function f(...t) return t.n, t[1] end return f({k})")) try(load("local function f(...t) return t.n, t[1] end return f({S})") or out)
