-- fmod of the largest by the smallest.
while true do math.fmod(1e308, 5e-324) local x = 1e308 % 5e-324 end
