-- Errors of a chunk whose name is a megabyte.
local f = load('error("x")', ('x'):rep(1000000))
while true do pcall(f) debug.getinfo(f, 'S') end
