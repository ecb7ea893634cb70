-- 430, short 4: floats to text, short ones and those that need every digit
local rounds = tonumber(arg[1])
local format, tostring = string.format, tostring

local sum, last = 0, ""
for round = 1, rounds do
  local x = 1.0 + round / 7
  for i = 1, 250 do
    x = x * 1.0137 + 1e-3
    last = tostring(x)
    sum = sum + #last + last:byte(-1)
    last = format("%.14g", x * 1e-200) .. format("%.17g", x * 1e200) .. format("%.3f", x)
    sum = sum + #last + last:byte(7)
    sum = sum + #tostring(i * 0.5) + #tostring(i * round)
  end
end
print(sum, last)
