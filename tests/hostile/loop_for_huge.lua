-- A numeric loop with a float limit without end.
for i = 1, math.huge do end
