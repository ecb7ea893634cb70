-- standard input that waits, by lines; an iterator for each
while true do for line in io.lines() do end io.stdin:lines("L", 3)() end
