-- Errors in a long function, whose line is looked for.
local f = load(('x = 1 '):rep(20000) .. 'error("x")')
while true do pcall(f) end
