-- standard input that waits, by numbers, most of which are none
while true do io.read("n", 1, "n", 0) end
