-- Many varargs passed along.
local function g(...) return ... end
local function f(...) while true do g(...) end end
f(table.unpack({}, 1, 100000))
