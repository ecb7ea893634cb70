-- 550, short 4: linked lists, queues, and a priority queue of tables
local rounds = tonumber(arg[1])

local function list(n)
  local head
  for i = n, 1, -1 do head = { value = i, next = head } end
  return head
end

local function reverse(head)
  local result
  while head do
    head, result, head.next = head.next, head, result
  end
  return result
end

local sum = 0
for round = 1, rounds do
  local head = reverse(list(1000))
  local node = head
  while node do
    sum = sum + node.value % round
    node = node.next
  end
  local queue = { first = 1, last = 0 }
  for i = 1, 2000 do
    queue.last = queue.last + 1
    queue[queue.last] = { i, i * 7919 % 1009 }
    if i % 3 == 0 then
      local item = queue[queue.first]
      queue[queue.first] = nil
      queue.first = queue.first + 1
      sum = sum + item[2]
    end
  end
  sum = sum % 1000003
end
print(sum)
