-- The slowest functions of math.
while true do math.sin(1e308) math.exp(709.7) math.log(5e-324, 3) local x = 1e308 ^ 1.5 end
