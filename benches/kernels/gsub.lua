-- 1700, short 12: replacing, by strings, tables and functions
local rounds = tonumber(arg[1])

local text = ("the quick brown fox jumps over the lazy dog 12345 "):rep(40)
local names = { quick = "slow", brown = "red", lazy = "busy" }
local sum = 0
for _ = 1, rounds do
  local swapped, n = text:gsub("(%w+) (%w+)", "%2 %1")
  sum = sum + n + swapped:byte(9)
  sum = sum + select(2, text:gsub("%a+", names))
  local upper = text:gsub("%f[%a]%a", function(c) return c:upper() end)
  sum = sum + upper:byte(1) + upper:byte(5)
  local plain = text:gsub(" ", ""):gsub("o", "00")
  sum = sum + #plain
end
print(sum)
