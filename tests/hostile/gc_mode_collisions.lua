-- Weak tables whose metatable has many keys in the place of __mode.
-- As in string_collisions.lua; the first four bytes make the hash end like that of "__mode".
local words = 'lbMc 0aOb Ygzh 0aQb saYf pbQc Oa0b yWZX pIQJ 0aOb sb8d ue7g uiXj We8f 0irk 0fSg VMwN qVTW'
local function collide(n)
  return 'KZUa' .. words:gsub('(..)(..) ?', function(one, other) n = n >> 1 return n & 1 == 0 and one or other end)
end
local meta = {[collide(0)] = 1, __mode = 'k'}
for n = 1, 8000 do meta[collide(n << 1)] = n end
local kept = {}
for n = 1, 1 << 40 do kept[n] = setmetatable({}, meta) end
