-- A coroutine is a function that can wait in the middle. This one gives numbers for ever.
local function numbers(from)
  return coroutine.wrap(function()
    for n = from, math.huge do
      coroutine.yield(n)
    end
  end)
end

-- What comes out of one can go into another: a filter lets through what its prime does not divide.
local function filter(prime, source)
  return coroutine.wrap(function()
    for n in source do
      if n % prime ~= 0 then
        coroutine.yield(n)
      end
    end
  end)
end

-- The sieve of Eratosthenes, as a chain of coroutines that grows by one for each prime.
local function primes()
  return coroutine.wrap(function()
    local source = numbers(2)
    while true do
      local prime = source()
      coroutine.yield(prime)
      source = filter(prime, source)
    end
  end)
end

local found = {}
for prime in primes() do
  found[#found + 1] = prime
  if #found == 15 then
    break
  end
end
print(table.concat(found, " "))

-- Walking a tree is a recursion; a coroutine makes an iterator of it, with no stack to keep by hand.
local function walk(tree)
  if tree then
    walk(tree.left)
    coroutine.yield(tree.value)
    walk(tree.right)
  end
end

local function insert(tree, value)
  if not tree then
    return { value = value }
  end
  local side = value < tree.value and "left" or "right"
  tree[side] = insert(tree[side], value)
  return tree
end

local tree
for word in ("the moon is the only natural satellite of the earth"):gmatch("%a+") do
  tree = insert(tree, word)
end

for word in coroutine.wrap(function() walk(tree) end) do
  io.write(word, " ")
end
print()
