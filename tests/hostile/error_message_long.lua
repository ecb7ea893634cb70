-- Errors with long messages.
local s = ('x'):rep(1000000)
while true do pcall(error, s) pcall(error, s, 2) pcall(assert, false, s) end
