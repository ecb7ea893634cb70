local parts = {}
for i = 1, 10000 do parts[i] = ("%d:%s"):format(i, "x") end
return #table.concat(parts)
