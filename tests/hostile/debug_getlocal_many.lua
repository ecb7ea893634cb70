-- debug.getlocal in a function that had many local variables.
local f = load('local f = ... ' .. ('do local a end '):rep(10000) .. ' while true do f() end')
f(function() debug.getlocal(2, 1) debug.getlocal(2, 100) end)
