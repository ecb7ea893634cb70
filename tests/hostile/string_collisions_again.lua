-- Short strings of one hash that exist already, made again.
-- Of each word one half, by the bits of n: 40 bytes, whose hash is always the same with the seed that the host leaves alone.
local words = 'gA9B pbQc lbMc 0aOb Ygzh 0aQb saYf pbQc Oa0b yWZX pIQJ 0aOb sb8d ue7g uiXj We8f 0irk 0fSg VMwN qVTW'
local function collide(n)
  return (words:gsub('(..)(..) ?', function(one, other) n = n >> 1 return n & 1 == 0 and one or other end))
end
local halves, kept = {}, {}
for n = 1, 2000 do
  kept[n] = collide(n << 1)
  halves[n] = kept[n]:sub(1, 20)
end
local rest = kept[1]:sub(21)
while true do
  for n = 1, 2000 do local s = halves[n] .. rest end
end
