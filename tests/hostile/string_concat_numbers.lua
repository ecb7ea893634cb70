-- Numbers concatenated, each of which is written out.
while true do local s = 1.1 .. 2.2 .. 3.3 .. 1e300 .. -1e-300 end
