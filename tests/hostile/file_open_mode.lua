-- io.open with a mode of a megabyte.
local mode = 'r' .. ('b'):rep(1000000)
while true do pcall(io.open, 'x', mode) end
