-- move of a huge range.
while true do table.move({}, 1, math.maxinteger - 1, 2) end
