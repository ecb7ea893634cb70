do local n = 0 for i = {i}, {i}, {i} do n = n + 1 out(i) if n > 4 then break end end end
;;
do local n = 0 for i = {n}, {n}, {n} do n = n + 1 out(i) if n > 4 then break end end end
;;
do local n = 0 for i = math.maxinteger - {k}, math.maxinteger, {k} do n = n + 1 out(i) if n > 4 then break end end end
;;
do local n = 0 for i = math.mininteger + {k}, math.mininteger, - {k} do n = n + 1 out(i) if n > 4 then break end end end
;;
try(function() local n = 0 for i = {S}, {S} do n = n + 1 out(i) if n > 4 then break end end end) try(function() for i = 1, 3, 0 do end end) try(function() local n = 0 for i = 1.0, 3, {S} do n = n + 1 out(i) if n > 4 then break end end end)
;;
try(function() local n = 0 for i = {f}, {f}, {f} do n = n + 1 out(i) if n > 4 then break end end end)
;;
do local fs = {} for i = 1, 3 do fs[i] = function(x) i = i + (x or 1) return i end end out(fs[1](), fs[1](), fs[2]({k}), fs[3]()) end
;;
do local i = 0 ::top$:: i = i + 1 if i < {k} then goto top$ end out(i) end
;;
for i = 1, 3 do for j = 1, 3 do if j == {k} then goto next$ end out(i, j) end ::next$:: end
;;
do local i = {k} while i > 0 do i = i - 1 if i == 2 then goto done$ end local x = i repeat local y = x x = x + 1 until y > {k} out(x) end ::done$:: out(i) end
;;
local function v$(a, ...) local b, c = ... return select("#", ...), a, b, c, ... end out(v$()) out(v$({S})) out(v$({S}, {S}, {S})) out((v$({S}, {S})))
;;
local function t$(n, a) if n == 0 then return a end return t$(n - 1, (a or 0) + n) end out(t$({j})) try(t$, "x")
;;
local a$, b$, c$ = {S}, {S} out(a$, b$, c$) a$, b$ = b$, a$ out(a$, b$) a$, b$, c$ = (function() return {S}, {S}, {S} end)() out(a$, b$, c$) local d$ <const> = {i} out(d$ + {i}, d$ == {n})
;;
local function fib$(n) if n < 2 then return n end return fib$(n - 1) + fib$(n - 2) end out(fib$({k} + 6))
;;
local function counter$() local n = {n} return function() n = n + 1 return n end, function(x) n = x end end local get$, set$ = counter$() out(get$(), get$()) set$({S}) try(get$)
;;
if {b} then out({v}) elseif {b} then out({i}) else out({s}) end
;;
out({v} and {v}, {v} or {v}, not {v}, {v} == {v}, {b} and {i} or {s}, ({v} and {v}) or {v})
;;
out({i} < {i}, {n} == {n}, {n} <= {n}, {i} // {f}, {i} % {f}, {f} // {f}, {f} % {f}) try(function() return {i} // {i}, {i} % {i} end) try(function() return {i} & {n}, {n} << {i}, {f} | 1 end)
;;
out(1 << 63, 1 << 64, -1 >> {k}, math.mininteger // -1, math.mininteger % -1, {i} << {i}, {i} >> {i}, math.maxinteger * {i}, math.mininteger - {i}, {i} * {i})
;;
out(math.maxinteger + 0.0 == math.maxinteger, math.maxinteger < math.maxinteger + 0.0, {i} < {f}, {i} <= {f}, {f} < {i}, {f} == {i}, 2^53 == 2^53 + 1, {i} == {i} + 0.0)
;;
out({f}, {f} // 1, {f} % 1, math.floor({f}), math.ceil({f}), math.tointeger({f}), {f} | 0)
;;
try(function() return math.floor({n}), math.ceil({n}), math.fmod({n}, {k}), math.modf({n}), math.tointeger({n}), math.ult({i}, {i}), math.abs({i}), math.max({n}, {n}), math.min({n}, {n}) end)
;;
math.randomseed(({i})) out(math.random(), math.random({k} + 1), math.random(- {k}, {k}), math.random(0), math.random(math.mininteger, math.maxinteger)) try(math.random, {i}) try(math.random, {i}, {i}) math.randomseed(({i}), ({i})) out(math.random(1, 1000), math.random() < 0.5)
;;
goto skip$ do out("unseen") end ::skip$::
;;
local r$ = {} for i = 1, {k} do local x = i * {n} r$[#r$ + 1] = function() x = x + 1 return x end end for _, f in ipairs(r$) do out(f(), f()) end
