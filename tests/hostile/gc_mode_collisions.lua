-- Weak tables whose metatable has many keys in the place of __mode.
local blocks = {
  {'lb', 'Mc', '1h'},
  {'0a', 'Ob', 'rc'},
  {'Yg', 'zh', '5t', 'Vu'},
  {'0a', 'Qb', 'rc'},
  {'sa', 'Yf', '8g'},
  {'pb', 'Qc', '5h'},
  {'Oa', '0b', 'rd'},
  {'yW', 'ZX', 'v1', 'W2'},
  {'pI', 'QJ', '2K', 'x0'},
  {'0a', 'Ob', 'nc'},
  {'sb', '8d', 'Ye'},
  {'ue', '7g', 'Xh', '9B'},
  {'ui', 'Xj', '7k', '1L'},
  {'We', '8f', 'vh', '8C'},
  {'0i', 'rk', 'Sl', 'vN'},
  {'0f', 'Sg', 'rh', 'vi'},
  {'VM', 'wN', '5P', 'YS'},
  {'qV', 'TW', '3X', 'l2'},
}
local function collide(n)
  local parts = {'KZUa'}
  for i, block in ipairs(blocks) do
    parts[i + 1] = block[n % #block + 1]
    n = n // #block
  end
  return table.concat(parts)
end
local meta = {[collide(0)] = 1, __mode = 'k'}
for n = 1, 8000 do meta[collide(n)] = n end
local kept = {}
for n = 1, 1 << 40 do kept[n] = setmetatable({}, meta) end
