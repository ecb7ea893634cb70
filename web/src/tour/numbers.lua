-- There are integers of 64 bits and floats. / gives a float, // and % keep integers.
print(7 / 2, 7 // 2, 7 % 2, 7.0 // 2, 2 ^ 10)
print(math.type(1), math.type(1.0), 1 == 1.0)

-- // rounds down, and % has the sign of the divisor: so weeks and clocks work for negative numbers.
print(-7 // 2, -7 % 2, -7 // -2)
for _, day in ipairs({ -1, 0, 6, 7 }) do
  print(day, (day % 7) + 1)
end

-- Integers wrap around; floats lose digits beyond 2^53.
print(math.maxinteger + 1 == math.mininteger, 2 ^ 53 == 2 ^ 53 + 1)
print(0.1 + 0.2 == 0.3, string.format("%.17f", 0.1 + 0.2))

-- Bits: & | ~ << >>. A hash in six lines, FNV-1a.
local function hash(text)
  local h = 0xcbf29ce484222325
  for i = 1, #text do
    h = (h ~ text:byte(i)) * 0x100000001b3
  end
  return h
end
print(string.format("%016x", hash("moon")))

-- Sets as bits of an integer.
local vowels = 0
for letter in ("aeiou"):gmatch(".") do
  vowels = vowels | 1 << (letter:byte() - ("a"):byte())
end

local function isvowel(letter)
  return vowels >> (letter:byte() - ("a"):byte()) & 1 == 1
end
print(isvowel("a"), isvowel("b"), isvowel("u"))

-- string.pack lays numbers out as bytes: here the head of a picture file.
local packed = string.pack(">c4 I4 I4 B", "HEAD", 640, 480, 8)
print(#packed, packed:byte(5, 8))
print(string.unpack(">c4 I4 I4 B", packed))

-- Halley's method, with as many digits as a float has.
local function cuberoot(x)
  local guess = x > 1 and x / 3 or x
  for _ = 1, 50 do
    local cube = guess ^ 3
    guess = guess * (cube + 2 * x) / (2 * cube + x)
  end
  return guess
end
print(cuberoot(27), string.format("%.15f", cuberoot(2)))
