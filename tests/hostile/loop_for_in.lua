-- A generic loop whose iterator never ends.
for _ in function() return 1 end do end
