-- A generic loop whose iterator is a C function.
for _ in math.abs, 1, 1 do end
