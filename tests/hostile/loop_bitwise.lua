-- Bitwise operations of integers and floats.
while true do local a = 2^53 | 1, 3.0 & 7, ~0, 1 << 70 end
