-- 110, short 1: a packer that looks for what came before, and its unpacker
local rounds = tonumber(arg[1])
local byte, char, sub, concat = string.byte, string.char, string.sub, table.concat

local parts, seed = {}, 7
for i = 1, 1500 do
  seed = (seed * 3877 + 29573) % 139968
  parts[i] = ({ "lorem ", "ipsum ", "dolor ", "sit amet, ", "consectetur " })[seed % 5 + 1] .. seed % 17
end
local text = concat(parts)

local function pack(s)
  local out, known, i, n = {}, {}, 1, #s
  while i <= n do
    local key = sub(s, i, i + 2)
    local at, length = known[key], 0
    if at and i - at < 4096 then
      length = 3
      while length < 18 and i + length <= n and byte(s, at + length) == byte(s, i + length) do
        length = length + 1
      end
    end
    if #key == 3 then known[key] = i end
    if length > 3 then
      local distance = i - at
      out[#out + 1] = char(1, distance >> 8, distance & 255, length)
      i = i + length
    else
      out[#out + 1] = char(0, byte(s, i))
      i = i + 1
    end
  end
  return concat(out)
end

local function unpack(s)
  local out, n, i = {}, 0, 1
  while i <= #s do
    if byte(s, i) == 0 then
      n = n + 1
      out[n] = byte(s, i + 1)
      i = i + 2
    else
      local high, low, length = byte(s, i + 1, i + 3)
      local from = n - (high << 8 | low)
      for k = 1, length do out[n + k] = out[from + k] end
      n = n + length
      i = i + 4
    end
  end
  for k = 1, n do out[k] = char(out[k]) end
  return concat(out)
end

local packed
for _ = 1, rounds do
  packed = pack(text)
  assert(unpack(packed) == text)
end
local sum = 0
for i = 1, #packed do sum = (sum * 31 + byte(packed, i)) % 65521 end
print(#text, #packed, sum)
