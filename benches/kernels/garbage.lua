-- 160, short 1: garbage of many shapes, some of it kept for a while
local rounds = tonumber(arg[1])

local kept, weak, closed, sum = {}, setmetatable({}, { __mode = "k" }), 0, 0
local finalized = { __gc = function() closed = closed + 1 end }
for round = 1, rounds do
  for i = 1, 1500 do
    local list = { i, i + 1, tostring(i), { round } }
    local f = function() return list end
    local s = ("text %d "):format(i):rep(3)
    local co = i % 10 == 0 and coroutine.create(f)
    local object = i % 50 == 0 and setmetatable({}, finalized)
    weak[list] = i
    kept[i % 97 + 1] = i % 3 == 0 and f or s
    kept[100 + i % 61] = { list, co, object }
    sum = sum + #list + #s
  end
  local long = {}
  for i = 1, 2000 do long[i] = { i } end
  sum = (sum + #long) % 1000003
end
kept = nil
collectgarbage()
collectgarbage()
print(sum, closed == rounds * 30, next(weak) == nil)
