local a$ = {t} for i = 1, {k} do table.insert(a$, {S}) end try(table.insert, a$, {k}, {S}) out(try(table.remove, a$, {k})) out(a$, #a$)
;;
local a$ = {} for i = 1, {j} do a$[i] = (i * {k} + {k}) % 17 end table.sort(a$) out(table.concat(a$, " ")) table.sort(a$, function(x, y) return x > y end) out(table.concat(a$, " "))
;;
local a$ = {t} try(table.sort, a$) out(a$) try(table.sort, a$, {F}) out(a$)
;;
local a$ = {} for i = 1, {j} do a$[i] = {s} .. (i * 7 % 13) end table.sort(a$, function(x, y) return x < y end) out(table.concat(a$, " ")) try(table.sort, a$, function() return true end)
;;
local a$ = {} for i = 1, {j} do a$[i] = i end for i = 1, {j}, 2 do a$[i] = nil end local n = 0 for k, v in next, a$ do n = n + v end out(n, next(a$)) for k in pairs(a$) do a$[k] = nil end out(next(a$))
;;
local a$ = {} for i = 1, {j} do a$[cut({s}) .. i] = i a$[i / 2] = i a$[- i] = i end local keys = {} for k in pairs(a$) do keys[#keys + 1] = tostring(k) end print(table.concat(keys, " ")) 
;;
local a$ = {{t}, {t}} out(a$) out(table.unpack(a$, 1, {k})) out(select({k}, table.unpack({t}))) out(#a$, rawlen(a$)) out(table.pack(table.unpack({t}, {k})))
;;
try(table.move, {t}, 1, {k}, {i}) try(table.move, {t}, math.mininteger, math.maxinteger, {k}) try(table.move, {t}, 0, math.maxinteger, {k}) try(table.unpack, {t}, math.mininteger, {k}) try(table.unpack, {t}, 1, 1e7) try(table.unpack, {t}, math.maxinteger - 1, math.maxinteger)
;;
local a$ = {} a$[{f}] = 1 a$[2^53] = 2 a$[{n}] = 3 a$[-0.0] = 4 a$[math.maxinteger] = 5 a$[math.maxinteger + 0.0] = 6 out(a$, a$[0], a$[2^53 | 0], a$[{i}]) try(function() a$[0/0] = 1 end) try(function() return a$[0/0] end)
;;
try(table.concat, {t}, {s}, {k}, {k}) try(table.concat, {t}, {S}, {S}) try(table.concat, {{S}, {S}}) try(table.concat, {t}, ",", math.maxinteger, math.maxinteger)
;;
local a$ = {n = {k}, {i}, {i}, nil, {i}} out(#a$ > 0, a$.n, a$[1], a$[4]) a$[#a$ + 1] = {S} out(a$[#a$]) try(next, a$, "missing") out(rawequal(a$, a$), next({}))
;;
local q$ = {first = 1, last = 0} for i = 1, {j} do q$.last = q$.last + 1 q$[q$.last] = i end for i = 1, {k} do q$[q$.first] = nil q$.first = q$.first + 1 end out(q$[q$.first], q$.last, q$)
;;
try(table.remove, {}, {i}) try(table.remove, {t}, {i}) try(table.insert, {t}, {i}, 1) try(table.insert, {t}) try(table.insert, {t}, 1, 2, 3) out(table.remove({t})) out(table.remove({}))
;;
if table.create then try(table.create, {k}, {k}) try(table.create, - {j}) try(table.create, {t}) end
;;
local a$ = table.pack(pcall({F}, {v}, {v})) out(a$) local b$ <const> = {t} try(function() b$.x = {S} b$[{S}] = {S} return b$ end)
