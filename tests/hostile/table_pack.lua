-- pack of many values.
while true do local t = table.pack(table.unpack({}, 1, 100000)) end
