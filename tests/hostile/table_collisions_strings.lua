-- Short strings of one hash as keys.
-- Of each word one half, by the bits of n: 40 bytes, whose hash is always the same with the seed that the host leaves alone.
local words = 'gA9B pbQc lbMc 0aOb Ygzh 0aQb saYf pbQc Oa0b yWZX pIQJ 0aOb sb8d ue7g uiXj We8f 0irk 0fSg VMwN qVTW'
local function collide(n)
  return (words:gsub('(..)(..) ?', function(one, other) n = n >> 1 return n & 1 == 0 and one or other end))
end
local t = {}
for n = 1, 2000 do t[collide(n << 1)] = n end
local first, last = collide(2), collide(4000)
while true do local x = t[first], t[last] end
