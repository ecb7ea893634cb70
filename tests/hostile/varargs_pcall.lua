-- Many varargs through pcall.
local function f(...) while true do pcall(select, '#', ...) end end
f(table.unpack({}, 1, 100000))
