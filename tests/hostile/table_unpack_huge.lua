-- unpack of too many values, caught.
while true do pcall(table.unpack, {}, 1, 1 << 30) end
