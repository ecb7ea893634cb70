-- A constructor with all results of a call.
local t = {}
while true do local u = {table.unpack(t, 1, 100000)} end
