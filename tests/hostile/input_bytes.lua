-- standard input that waits, byte by byte, and on at its end
while true do io.read(1) end
