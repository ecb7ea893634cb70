-- Files opened and dropped.
while true do io.tmpfile() end
