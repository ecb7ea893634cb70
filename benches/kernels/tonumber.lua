-- 6000, short 50: text to numbers, short ones and those that are hard to round
local rounds = tonumber(arg[1])
local tonumber, format = tonumber, string.format

local texts, x = {}, 0.1
for i = 1, 100 do
  x = x * 1.7183 + 0.01
  texts[#texts + 1] = format("%.17g", x)
  texts[#texts + 1] = format("%.16e", 1 / x / 1e30)
  texts[#texts + 1] = format("%.3f", i / 8)
  texts[#texts + 1] = format("%d", i * 7919)
  texts[#texts + 1] = "0x1." .. i .. "p-3"
end

local sum = 0
for _ = 1, rounds do
  local part = 0.0
  for i = 1, #texts do
    local value = tonumber(texts[i])
    if value < 1e3 then part = part + value else part = part + 1 end
  end
  sum = sum + part + tonumber("zz", 36) + (tonumber("no number") or 1)
end
print(format("%.6f", sum))
