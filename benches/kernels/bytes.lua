-- 350, short 3: strings taken apart into bytes and put together again
local rounds = tonumber(arg[1])
local byte, char, sub = string.byte, string.char, string.sub

local text = ("The five boxing wizards jump quickly. "):rep(80)
local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(s)
  local out = {}
  for i = 1, #s - 2, 3 do
    local a, b, c = byte(s, i, i + 2)
    local v = a << 16 | b << 8 | c
    local w, x, y, z = (v >> 18) + 1, (v >> 12 & 63) + 1, (v >> 6 & 63) + 1, (v & 63) + 1
    out[#out + 1] = sub(alphabet, w, w) .. sub(alphabet, x, x) .. sub(alphabet, y, y) .. sub(alphabet, z, z)
  end
  return table.concat(out)
end

local function adler(s)
  local a, b = 1, 0
  for i = 1, #s do
    a = (a + byte(s, i)) % 65521
    b = (b + a) % 65521
  end
  return a, b
end

local function rotated(s)
  local out = {}
  for i = 1, #s do
    local c = byte(s, i)
    if c >= 97 and c <= 122 then c = (c - 97 + 13) % 26 + 97 end
    out[i] = char(c)
  end
  return table.concat(out)
end

local a, b, coded
for _ = 1, rounds do
  coded = base64(rotated(text))
  a, b = adler(coded)
end
print(a, b, sub(coded, 1, 16))
