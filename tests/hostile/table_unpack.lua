-- unpack of as many values as fit.
while true do local x = select('#', table.unpack({}, 1, 200000)) end
