-- math.random with projections that may be tried again.
while true do math.random(0, (1 << 62) + 1) end
