-- Numbers whose last bits a compiler or a processor could round otherwise, in tables and strings that stay.
local kept = {}
local function keep(x) kept[#kept + 1] = x end
local seed = 42
local function random()
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed / 2147483648
end
for i = 1, 3000 do
  local a, b, c = random() * 10 ^ (i % 20 - 10), random() - 0.5, random()
  keep(a * b + c)
  keep(a * b - c * a)
  keep((a + b) * (a - b) / (c + 1e-9))
  keep(a % (c + 0.1))
  keep(a // (b * b + 0.01))
  keep(a ^ c)
  keep(math.sin(a) * math.cos(b) + math.tan(c))
  keep(math.exp(b) + math.log(a + 1) - math.sqrt(c))
  keep(math.fmod(a, c + 0.5))
  keep(math.floor(a * 1000) | i)
  keep(tostring(a * b))
  keep(string.format("%.17g %a %5.3f", a, b, c))
  keep(tonumber(string.format("%.15g", a)) + tonumber("0x1.8p3"))
end
-- Infinities; a NaN is kept as a text: which of them a processor makes is left open.
keep(1 / 0)
keep(-1 / 0)
keep(tostring(0 / 0))
keep(math.huge // 1)
keep(3 // 0.0)
keep(-0.0)
keep(math.tointeger(2 ^ 53))
keep(math.mininteger // -1)
keep(math.maxinteger * 3)
keep(1 << 63 >> 63)
local sum = 0
for i = 1, #kept do
  local x = kept[i]
  if math.type(x) == "float" and x == x and x - x == 0 then sum = sum + x % 1000 end
end
held = kept
print(#kept, string.format("%.17g", sum))
