-- 30, short 1: tables that grow and shrink, at the end and in the middle
local rounds = tonumber(arg[1])
local size = rounds == 1 and 4000 or 40000
local insert, remove, unpack, move = table.insert, table.remove, table.unpack, table.move

local sum = 0
for round = 1, rounds do
  local a, b, c = {}, {}, {}
  for i = 1, size do
    insert(a, i)
    b[#b + 1] = i * 2
    c[i] = { i, name = i }
  end
  for i = 1, 10 do insert(a, i * 300, i) end
  for _ = 1, 10 do sum = sum + remove(a, 7) end
  for _ = 1, size // 2 do sum = (sum + remove(a) + remove(b)) % 1000003 end
  local d = move(b, 1, #b, 10, {})
  local x, y, z = unpack(d, 11, 13)
  sum = sum + x + y + z + #a + #b + c[size].name + round
end
print(sum)
