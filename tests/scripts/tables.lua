local t = {10, 20, 30, nil, 50, x = 1, ["y z"] = 2, [3.0] = "three", [-1] = "minus"}
print(#t == 5 or #t == 3, t[3], t.x, t["y z"], t[-1], next({}), type(next(t)))
table.insert(t, 1, 0)
print(t[1], t[2], table.remove(t, 1), t[1], table.remove({}), pcall(table.insert, {}, 5, 1), pcall(table.insert, {}))
print(table.concat({1, 2, 3}, ", "), table.concat({}, "x"), table.concat({1, 2, 3}, "-", 2, 3), pcall(table.concat, {{}}))
print(table.unpack({1, 2, 3}, 2), table.unpack({1, 2}, 1, 3), table.pack(1, nil, 3).n, select(-1, 1, 2, 3), select("#"))
local list = {}
for i = 1, 100 do list[i] = (i * 7919) % 101 end
table.sort(list)
local sorted = true
for i = 2, #list do sorted = sorted and list[i - 1] <= list[i] end
print(sorted, list[1], list[100])
table.sort(list, function(a, b) return a > b end)
print(list[1], pcall(table.sort, {3, 1, "x"}), pcall(table.sort, {1, 2, 3, 4, 5}, function() return true end))
print(table.concat(table.move({1, 2, 3}, 1, 3, 2), ","), table.concat(table.move({1, 2, 3}, 2, 3, 1), ","), #table.move({1, 2}, 1, 2, 1, {}))
local count = 0
local big = {}
for i = 1, 1000 do big["k" .. i] = i end
for k in pairs(big) do big[k] = nil count = count + 1 end
print(count, next(big))
for i, v in ipairs {1, 2, nil, 4} do io.write(i, "=", v, " ") end
print(pcall(next, {}, "nokey"), pcall(rawset, {}, nil, 1), pcall(function() local t = {} t[0 / 0] = 1 end))
print(#{n = 1}, #"abc", #{1, 2, 3, [5] = 5} >= 3, rawlen({1}), rawequal("a", "a"))
