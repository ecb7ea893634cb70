-- Short strings of one hash.
local blocks = {
  {'gA', '9B', 'wD', 'VE'},
  {'pb', 'Qc', '5h'},
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
-- The n-th of the strings of 40 bytes that all have one hash, with the seed that is in force when the host sets none.
local function collide(n)
  local parts = {}
  for i, block in ipairs(blocks) do
    parts[i] = block[n % #block + 1]
    n = n // #block
  end
  return table.concat(parts)
end
local kept = {}
for n = 1, 1 << 40 do kept[n] = collide(n) end
