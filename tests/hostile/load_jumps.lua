-- load of a long chain of jumps to be patched.
local s = 'return ' .. ('a and '):rep(10000) .. 'b'
while true do load(s) end
