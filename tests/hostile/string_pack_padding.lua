-- pack of wide fixed strings.
while true do ('c1000000'):pack('') end
