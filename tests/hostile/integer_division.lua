-- Integer division and modulo of extremes.
local a, b = math.mininteger, -1
while true do local c, d = a // b, a % b end
