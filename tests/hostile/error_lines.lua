-- Errors in a function whose instructions stand many lines apart.
local f = load('local a goto ending do ' .. ('a = 1' .. ('\n'):rep(130)):rep(5000) .. ' end ::ending:: error("x")', 'f')
while true do pcall(f) end
