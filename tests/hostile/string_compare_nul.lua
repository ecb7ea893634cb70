-- Long strings of NUL compared.
local a, b = ('\0'):rep(1000000), ('\0'):rep(1000000)
while true do local e = a < b end
