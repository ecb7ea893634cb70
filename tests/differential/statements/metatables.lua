local m$ = setmetatable({{i}}, {__add = {F}, __concat = {F}, __len = {F}, __unm = {F}, __index = {F}, __call = {F}, __eq = {F}, __lt = {F}, __le = {F}})
try(function() return m$ + {S}, {S} + m$ end) try(function() return m$ .. {S} end) try(function() return {S} .. m$ end) try(function() return #m$ end)
try(function() return - m$ end) try(function() return m$.x, m$[{i}] end) try(function() return m$({S}) end) try(function() return m$ == m$, m$ == setmetatable({}, getmetatable(m$)) end) try(function() return m$ < m$, m$ <= 1 end)
;;
local m$ = setmetatable({}, {__tostring = function() return {s} end, __name = {S}}) try(tostring, m$) try(string.format, "%s %10.3s", m$, m$) try(print, m$) try(function() return m$ + 1 end) try(function() return m$ < m$ end)
;;
local m$ = setmetatable({}, {__tostring = function() return {S} end}) try(tostring, m$) try(string.format, "%s", m$) try(print, m$)
;;
local m$ = setmetatable({}, {__name = "My Type"}) try(function() return m$ + 1 end) try(function() return m$ .. "" end) try(function() return m$ < m$ end) try(string.rep, m$) try(function() return # m$.x end) try(m$) try(ipairs) try(math.abs, m$) try(io.close, m$) try(string.char, m$)
;;
local m$ = setmetatable({}, {__newindex = function(t, k, v) out(k, v) rawset(t, k, v) end}) m$[{i}] = {S} try(function() m$[{S}] = {S} end) out(m$)
;;
local m$ = setmetatable({}, {__metatable = {S}}) try(getmetatable, m$) try(setmetatable, m$, {}) try(setmetatable, {S}, {}) try(setmetatable, {}, {S})
;;
local m$ = setmetatable({}, {__pairs = function(t) return function(_, k) k = (k or 0) + 1 if k < 4 then return k, {S} end end, t, nil end}) for k, v in pairs(m$) do out(k, v) end
;;
local m$ = setmetatable({}, {__index = function(t, i) if i < {k} then return i * {n} end end}) for i, v in ipairs(m$) do out(i, v) end try(table.unpack, m$, 1, 3) try(table.concat, m$, ",", 1, {k})
;;
local m$ = setmetatable({}, {__index = setmetatable({x = {S}}, {__index = setmetatable({y = {S}}, {__index = {F}})})}) try(function() return m$.x, m$.y, m$.z end)
;;
local m$ = setmetatable({}, {__band = {F}, __shl = {F}, __bnot = {F}, __idiv = {F}, __mod = {F}, __pow = {F}, __div = {F}, __mul = {F}, __sub = {F}})
try(function() return m$ & {S}, {S} & m$, m$ << 1, ~ m$ end) try(function() return m$ // {S}, m$ % 2, 2 ^ m$, m$ / 1 end) try(function() return m$ * {S}, {S} - m$ end) try(function() return m$ | 1 end)
;;
do local ok, e = pcall(function() local a <close> = setmetatable({}, {__close = function(_, e) out("a", e) {z} end}) local b <close> = setmetatable({}, {__close = function(_, e) out("b", e) {z} end}) {z} return {S} end) out(ok, e) end
;;
try(function() local x <close> = {S} return x end) try(function() local x <const> = {S} return x end)
;;
try(function() for i, v in next, {1, 2, 3}, nil, setmetatable({}, {__close = function(_, e) out("loop closed", e) end}) do if i == {k} then {z} break end out(v) end end)
;;
local p$ = setmetatable({}, {__index = table}) p$:insert({S}) p$:insert(1, {S}) out(p$:concat(",", 1, 0), #p$) try(p$.insert, p$, {i}, {S}) try(p$.remove, p$, {i})
;;
local C$ = {} C$.__index = C$ function C$.new(x) return setmetatable({x = x}, C$) end function C$:get(...) return self.x, ... end function C$:fail() return self.nothing.x end
try(function() return C$.new({S}):get({S}) end) try(function() return C$.new({S}):fail() end) try(function() return C$.new({S}):missing() end) try(C$.get)
;;
do collectgarbage("stop") for i = 1, {k} do setmetatable({}, {__gc = function() out("collected", i) {z} end}) end collectgarbage() collectgarbage("restart") end
;;
do collectgarbage("stop") local w = setmetatable({}, {__mode = "k"}) w[{}] = 1 w[out] = 2 local v = setmetatable({{}, out, {s}, {i}}, {__mode = "v"}) collectgarbage() local n = 0 for k in next, w do n = n + 1 end out(n, v[1], v[2], v[3], v[4]) collectgarbage("restart") end
;;
try(setmetatable({}, {__call = setmetatable({}, {__call = function(...) return select("#", ...) end})}), {S}, {S})
;;
try(function() return setmetatable({}, {__eq = function() return {S} end}) == setmetatable({}, {}) , setmetatable({}, {__lt = function() return {S} end}) < {S} end)
