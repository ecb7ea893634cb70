-- 600, short 4: generators, which give and take values
local rounds = tonumber(arg[1])
local yield, wrap, create, resume = coroutine.yield, coroutine.wrap, coroutine.create, coroutine.resume

local function count(n) for i = 1, n do yield(i) end end

local sum = 0
for i = 1, rounds do
  for value in wrap(function() count(3000) end) do sum = sum + value end
  local echo = create(function(x) while true do x = yield(x * 2) end end)
  for j = 1, 2000 do sum = sum + select(2, resume(echo, j)) end
  sum = (sum + i) % 1000003
end
print(sum)
