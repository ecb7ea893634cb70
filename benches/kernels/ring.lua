-- 400, short 3: a ring of coroutines that hand on a token, made anew each round
local rounds = tonumber(arg[1])
local size = 200
local create, resume, yield, status = coroutine.create, coroutine.resume, coroutine.yield, coroutine.status

local sum = 0
for round = 1, rounds do
  local ring = {}
  for i = 1, size do
    ring[i] = create(function(token)
      for _ = 1, 20 do token = yield(token + i % 3) end
      return token
    end)
  end
  local token, alive = round, true
  while alive do
    for i = 1, size do
      local ok, next = resume(ring[i], token)
      assert(ok, next)
      token = next % 1000003
      alive = status(ring[i]) ~= "dead"
    end
  end
  sum = (sum + token) % 1000003
end
print(sum)
