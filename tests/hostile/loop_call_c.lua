-- A loop of calls of a C function without arguments.
local clock = os.clock
while true do clock() end
