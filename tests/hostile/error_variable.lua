-- Errors that name a field in a function of many instructions.
local f = load('local a goto ending do ' .. ('a = a '):rep(50000) .. ' end ::ending:: return a.b + a.c', 'f')
while true do pcall(f) end
