-- Varargs passed along, one fewer at a time.
local function f(x, ...) if x then return f(...) end end
local t = {}
for i = 1, 5000 do t[i] = i end
while true do f(table.unpack(t)) end
