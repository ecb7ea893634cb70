-- Coroutines three deep: the innermost asks the host, and each level yields on its own account.
local ask = host.define("ask")

local function level(depth)
  return coroutine.wrap(function(seed)
    local inner = depth > 1 and level(depth - 1)
    for i = 1, 3 do
      local answer = inner and inner(seed + i) or ask(depth, seed, i)
      seed = (seed * 31 + answer) % 65521
      print("level", depth, i, seed)
      seed = coroutine.yield(seed)
    end
  end)
end

local outermost, seed = level(3), 1
for _ = 1, 3 do seed = outermost(seed) end
return seed
