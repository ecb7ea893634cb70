-- Dumps of a long function.
local f = load(('local x = 1 '):rep(150) .. ('x = 1 '):rep(10000))
while true do string.dump(f) end
