-- A pattern that fails at once, many times.
while true do local a, b = ('aaaa'):find('^b'), ('aaaa'):match('b$') end
