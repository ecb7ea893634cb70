-- Loops of the library that can be left halfway; what they give is hashed.
local function show(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) end return table.concat(t, ',') end
local out = {}
local subjects = {'', 'hello world', 'key = value, a1', '((a)(b(c)))x', 'aaaab', 'x\0y\0', ('ab'):rep(20)}
local patterns = {'', 'a*', '(a*)(b?)', '^%s*(.-)%s*$', '%b()', '%f[%a]%a+', '(%w+) = (%w+)', '()', '[^%s]+', '[]]', '(.)%1', 'x?y?z?', '.-l', '(h)(e)(l)(l)(o)', '[%w_]*', '((.)(.))', '$', '(a+)(a+)b', '.-.-b'}
local bad = {'%', '[', '[a', '(', ')', '(()', '%1', '(%1)', '%b', '%bx', '%f', '%fa', '[%', '(a', 'a)', '%2(.)'}
for _, s in ipairs(subjects) do
  for _, p in ipairs(patterns) do
    out[#out+1] = show(pcall(string.find, s, p))
    out[#out+1] = show(pcall(string.find, s, p, 3))
    out[#out+1] = show(pcall(string.find, s, p, -2))
    out[#out+1] = show(pcall(string.find, s, p, 1, true))
    out[#out+1] = show(pcall(string.match, s, p))
    out[#out+1] = show(pcall(string.match, s, p, 100))
    out[#out+1] = show(pcall(string.gsub, s, p, '<%0>'))
    out[#out+1] = show(pcall(string.gsub, s, p, '<%1>', 2))
    out[#out+1] = show(pcall(string.gsub, s, p, function(...) return show(...) end))
    out[#out+1] = show(pcall(string.gsub, s, p, function(a) if a == 'a' then return false end end))
    out[#out+1] = show(pcall(string.gsub, s, p, {a = 'X', hello = 1, b = false}))
    out[#out+1] = show(pcall(string.gsub, s, '^' .. p, '-'))
    out[#out+1] = show(pcall(string.gsub, s, p, setmetatable({}, {__index = function(_, k) return '{' .. tostring(k) .. '}' end})))
    local g = {} pcall(function() for a, b in string.gmatch(s, p) do g[#g+1] = show(a, b) if #g > 50 then break end end end)
    out[#out+1] = table.concat(g, ';')
    local g = {} pcall(function() for a, b in string.gmatch(s, p, 4) do g[#g+1] = show(a, b) if #g > 50 then break end end end)
    out[#out+1] = table.concat(g, ';')
  end
  for _, p in ipairs(bad) do
    out[#out+1] = show(pcall(string.find, s, p))
    out[#out+1] = show(pcall(string.gsub, s, p, 'x'))
    out[#out+1] = show(pcall(string.gsub, s, p, '%9'))
  end
end
for _, r in ipairs{'%', '%x', '%2', '%%', 'a%', '%1%0'} do out[#out+1] = show(pcall(string.gsub, 'abc', 'b', r)) out[#out+1] = show(pcall(string.gsub, 'abc', '()b', r)) end
out[#out+1] = show(pcall(string.gsub, 'abc', 'b', {b = {}})) out[#out+1] = show(pcall(string.gsub, 'abc', 'b', function() return {} end))
out[#out+1] = show(pcall(string.gsub, 'abc', 'b')) out[#out+1] = show(pcall(string.gsub, 'abc', 'b', true)) out[#out+1] = show(pcall(string.gsub, 'abc')) out[#out+1] = show(pcall(string.find))
for n = 190, 210 do
  out[#out+1] = show(pcall(string.find, ('a'):rep(300), ('a?'):rep(n)))
  out[#out+1] = show(pcall(string.find, ('a'):rep(300), ('a*'):rep(n)))
  out[#out+1] = show(pcall(string.match, ('a'):rep(300), ('.-a'):rep(n)))
  out[#out+1] = show(pcall(string.match, ('a'):rep(300), ('(a)'):rep(n - 170)))
end
out[#out+1] = show((('x'):rep(1000)):gsub('x', 'yy'):len()) out[#out+1] = show((('x'):rep(1000)):gsub('x', function(c) return c .. c end):len())
out[#out+1] = show(('x'):find('x', 2)) out[#out+1] = show(('x'):find('', 2)) out[#out+1] = show(('x'):find('', 3)) out[#out+1] = show((''):find('')) out[#out+1] = show(('a.b'):find('.', 1, true))
out[#out+1] = show(('x'):match('()', 2)) out[#out+1] = show(('x'):find('', math.mininteger)) out[#out+1] = show(('x'):find('', math.maxinteger)) out[#out+1] = show(('x'):find('', 1 << 32))
out[#out+1] = show(('hello'):gsub('', '-')) out[#out+1] = show(('abc'):gsub('%w', '%0%0', 2)) out[#out+1] = show(('abc'):gsub('%w', '%0%0', 0)) out[#out+1] = show(('abc'):gsub('%w', '%0%0', -1))
out[#out+1] = show(string.gsub(12345, 3, 4)) out[#out+1] = show(string.find(12345, 34)) 
local all = table.concat(out, '\n')
local hash = 0
for i = 1, #all do hash = (hash * 31 + all:byte(i)) % 4294967291 end
print(#all, hash)
out = {}
local function add(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) end out[#out + 1] = table.concat(t, ',') end
for _, n in ipairs{-1, 0, 1, 2, 3, 50, 500} do for _, s in ipairs{'', 'x', 'abc'} do for _, sep in ipairs{'', ', ', '-'} do add(s:rep(n, sep)) end add(s:rep(n)) end end
add(pcall(string.rep, 'x', 1 << 62)) add(pcall(string.rep, 'xx', 1 << 40, 'a')) add(pcall(string.rep)) add(pcall(string.rep, 'x')) add(#(''):rep(1 << 62)) add(#('x'):rep(3000, ','))
local t = {} for i = 1, 200 do t[i] = i % 7 == 0 and i + 0.5 or 'e' .. i end
add(table.concat(t)) add(table.concat(t, ', ')) add(table.concat(t, '-', 5, 9)) add(table.concat(t, '-', 9, 5)) add(table.concat({}, 'x')) add(table.concat({1}, 'x'))
add(pcall(table.concat, {1, {}, 3})) add(pcall(table.concat, {1, 2}, ',', 1, 3)) add(pcall(table.concat)) add(pcall(table.concat, 1)) add(table.concat(setmetatable({}, {__index = function(_, i) return i * 2 end, __len = function() return 10 end}), ' '))
add(pcall(table.concat, {1,2,3}, ',', math.maxinteger - 1, math.maxinteger)) add(table.concat({[math.maxinteger] = 'x'}, ',', math.maxinteger, math.maxinteger))
local u = {} for i = 1, 100 do table.insert(u, 1, i) end add(table.concat(u, ' '))
for i = 1, 20 do table.insert(u, 10, 'n' .. i) end add(table.concat(u, ' ')) for i = 1, 60 do add(table.remove(u, 3)) end add(table.concat(u, ' ')) add(table.remove(u)) add(table.remove({})) add(table.remove({}, 0)) add(#u)
add(pcall(table.insert, u, 0, 1)) add(pcall(table.insert, u, #u + 2, 1)) add(pcall(table.insert, u)) add(pcall(table.insert, u, 1, 2, 3)) add(pcall(table.insert, 1, 2)) add(pcall(table.remove, u, #u + 2)) add(pcall(table.remove, u, -1)) add(table.remove(u, #u + 1))
add(pcall(table.insert, u, 'x', 1)) add(pcall(table.insert, nil, 1))
local v = {} for i = 1, 50 do v[i] = i end
add(table.concat(table.move(v, 1, 50, 3), ' ')) add(table.concat(table.move(v, 10, 20, 5), ' ')) add(table.concat(table.move(v, 1, 10, 1, {}), ' ')) add(table.concat(table.move(v, 1, 0, 1, {5}), ' '))
add(pcall(table.move, v, 1, math.maxinteger, 2)) add(pcall(table.move, v, math.mininteger, 5, 2)) add(pcall(table.move, v, 1, 5, math.maxinteger)) add(pcall(table.move, 1, 1, 2, 3)) add(pcall(table.move, v, 1, 2, 3, 4))
local m = setmetatable({}, {__len = function() return 40 end, __index = function(_, i) return i end, __newindex = function(t, k, x) rawset(t, k, x) end})
table.insert(m, 3, 'in') local r = {} for i = 1, 42 do r[i] = tostring(rawget(m, i)) end add(table.concat(r, ' '))
add(table.remove(m, 5)) for i = 1, 42 do r[i] = tostring(rawget(m, i)) end add(table.concat(r, ' '))
all = table.concat(out, '\n')
hash = 0
for i = 1, #all do hash = (hash * 31 + all:byte(i)) % 4294967291 end
print(#all, hash)

local t, u, x = {}, {}, 12345
for i = 1, 500 do x = (x * 1103515245 + 12345) % 2147483648 t[i] = x % 400 u[i] = t[i] end
table.sort(t)
for i = 2, #t do assert(t[i - 1] <= t[i]) end
local order = 0 -- of the comparisons
table.sort(u, function(a, b) order = (order * 31 + a * 7 + b) % 1000003 return a > b end)
print(order, u[1], u[500])
print(pcall(table.sort, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, function() return true end))
print(pcall(table.sort, {1, 'x'})) print(pcall(table.sort, {{}, {}}))
local m = {__lt = function(a, b) return a.v < b.v end}
local o = {} for i = 1, 60 do o[i] = setmetatable({v = (i * 37) % 101}, m) end
table.sort(o)
for i = 2, #o do assert(o[i - 1].v <= o[i].v) end
