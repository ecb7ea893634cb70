-- 380, short 3: string.format with what programs ask of it
local rounds = tonumber(arg[1])
local format = string.format

local sum, last = 0, ""
for round = 1, rounds do
  for i = 1, 500 do
    last = format("%d:%s:%5.2f", i, "name", i / 7)
    sum = sum + #last
    last = format("%-8s|%08d|%x|%c", "ab", i * 31, i * round, 65 + i % 26)
    sum = sum + #last + last:byte(-1)
    last = format("%q %g %i%%", "a\nb\"" .. i, i * 0.25, i % 100)
    sum = sum + #last
  end
end
print(sum, last)
