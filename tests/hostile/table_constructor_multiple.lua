-- A constructor with all results of a call: those that memory has no room for are too many. (ERRRUN)
local t = {}
while true do local u = {table.unpack(t, 1, 100000)} end
