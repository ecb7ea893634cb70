-- select over many varargs.
local function f(...) while true do local x = select(-1, ...) end end
f(table.unpack({}, 1, 100000))
