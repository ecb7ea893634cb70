-- debug.getinfo that asks for the name of what a function of many instructions calls.
local f = load('local b = ... local a goto ending do ' .. ('a = b '):rep(50000) .. ' end ::ending:: while true do b() end')
f(function() debug.getinfo(1, 'n') end)
