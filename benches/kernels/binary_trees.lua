-- 16, short 9: small tables that are made, walked and dropped
local depth = tonumber(arg[1])

local function tree(depth)
  if depth == 0 then return {} end
  return { tree(depth - 1), tree(depth - 1) }
end

local function count(node)
  local left = node[1]
  if not left then return 1 end
  return 1 + count(left) + count(node[2])
end

local kept = tree(depth)
for d = 4, depth, 4 do
  local trees, sum = 1 << (depth - d + 2), 0
  for _ = 1, trees do sum = sum + count(tree(d)) end
  print(trees, d, sum)
end
print(count(kept))
