-- format with the widest numbers.
while true do ('%99.99f%99.99f'):format(1e308, -1e308) end
