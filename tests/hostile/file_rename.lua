-- Two names of one file, exchanged.
io.open('one', 'w'):close()
while true do os.rename('one', 'two') os.rename('two', 'one') end
