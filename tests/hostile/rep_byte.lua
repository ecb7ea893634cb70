-- string.rep of a byte to a megabyte.
while true do ('x'):rep(1000000) end
