-- debug.getlocal in a function with many variables.
local f = load(('local x = 1 '):rep(190) .. 'while true do for i = 1, 200 do debug.getlocal(1, i) end end')
f()
