local c$ = coroutine.wrap(function(a, b) out(a, b) a = coroutine.yield({S}, {S}) out(a) error({S}) end)
try(c$, {S}, {S}) try(c$, {S}) try(c$)
;;
local c$ = coroutine.create(function(...) for i = 1, {k} do out(coroutine.yield(i, ...)) end return {S} end)
for i = 1, 8 do out(coroutine.resume(c$, {S}, i)) end out(coroutine.status(c$))
;;
local c$ = coroutine.create(function() local x = {n} local y = x + {S} coroutine.yield(x, y) return x.field end)
out(coroutine.resume(c$)) out(coroutine.resume(c$)) print(debug.traceback(c$)) print(debug.traceback(c$, {s})) print(debug.traceback(c$, nil, 1))
;;
local c$ = coroutine.create(function() local x <close> = setmetatable({}, {__close = function(_, e) out("closed", e) {z} end}) coroutine.yield({S}) end)
out(coroutine.resume(c$)) out(coroutine.close(c$)) out(coroutine.status(c$)) try(coroutine.close, c$)
;;
for a, b in coroutine.wrap(function() for i = 1, {k} do coroutine.yield(i, {S}) end end) do out(a, b) end
;;
try(function() local co co = coroutine.create(function() return coroutine.resume(co) end) return coroutine.resume(co) end)
;;
try(coroutine.wrap(function() return pcall(function() coroutine.yield({S}) error({S}, {k}) end) end))
;;
local c$ = coroutine.wrap(function() return pcall(function() local a = coroutine.yield({S}) error(a, 0) end) end) out(c$()) try(c$, {S}) try(c$)
;;
try(coroutine.resume, {S}) try(coroutine.wrap, {S}) try(coroutine.status, {S}) out(coroutine.isyieldable(), coroutine.running()) try(coroutine.yield, {S})
;;
local c$ = coroutine.wrap(function() table.sort({3, 1, 2}, function(a, b) coroutine.yield(a) return a < b end) end) try(c$)
;;
local c$ = coroutine.wrap(function() return ("abc"):gsub(".", function(x) return coroutine.yield(x) end) end) try(c$)
;;
local m$ = setmetatable({}, {__index = function(t, k) return coroutine.yield(k) end, __add = function(a, b) return coroutine.yield({S}) end, __call = function(_, x) return coroutine.yield(x) end})
local c$ = coroutine.wrap(function() return m$.x, m$ + 1, m$({S}) end) for i = 1, 5 do try(c$, i) end
;;
local function g$(n) if n == 0 then return {S} end coroutine.yield(n) return g$(n - 1) end
local c$ = coroutine.wrap(g$) out(c$(3), c$(), c$(), c$()) try(c$)
;;
local c$ = coroutine.create(function() local ok, e = pcall(coroutine.yield, {S}) out(ok, e) for k, v in pairs({1, {S}}) do coroutine.yield(k, v) end end)
repeat local ok, a, b = coroutine.resume(c$, {S}) out(ok, a, b) until coroutine.status(c$) == "dead"
;;
local function deep$(n) if n == 0 then error({S}, 0) end coroutine.wrap(deep$)(n - 1) end try(deep$, {k})
;;
out(select("#", coroutine.resume(coroutine.create({F}), {S}))) try(coroutine.wrap({F}), {S}, {S})
