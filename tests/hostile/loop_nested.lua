-- Loops within loops.
for a = 1, 1 << 40 do for b = 1, 1 << 40 do for c = 1, 1 << 40 do end end end
