-- Standard input that waits, whose end is there, in every format; what a fault left of it is read as well.
local results = {}
for line in io.lines() do
  results[#results + 1] = line
  if #results == 5 then break end
end
for _, format in ipairs {"l", "L", "n", 7, 0, 40} do results[#results + 1] = io.read(format) end
for a, b in io.stdin:lines("n", "l") do results[#results + 1] = b end
for line in io.lines("/dev/stdin", "L") do results[#results + 1] = line end
results[#results + 1] = io.read("a")
return #table.concat(results) > 0 or io.read(0) == nil
