-- math.tointeger and tostring in turn.
while true do tostring(tostring(1e308) + 0) math.tointeger('8') end
