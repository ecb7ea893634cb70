-- io.write of nothing.
while true do io.write('') io.write() end
