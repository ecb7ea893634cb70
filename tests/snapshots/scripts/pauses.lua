-- Much to do: strings, sorting, closures, garbage and finalizers. The host pauses it.
local finalized, kept, weak = 0, {}, setmetatable({}, {__mode = "k"})
for i = 1, 60 do
  kept[i] = {key = (i * 7919) % 127, name = ("%05.1f"):format(i / 3), get = function() return i end}
  weak[{}] = i
  setmetatable({}, {__gc = function() finalized = finalized + 1 end})
end
collectgarbage()
table.sort(kept, function(a, b) return a.key < b.key end)
local names = {}
for i, entry in ipairs(kept) do names[i] = entry.name:gsub("%d", function(digit) return digit * 2 end) .. entry.get() end
local function fibonacci(n) return n < 2 and n or fibonacci(n - 1) + fibonacci(n - 2) end
local steps = coroutine.wrap(function() for i = 1, 12 do coroutine.yield(fibonacci(i)) end end)
for i = 1, 12 do names[i] = names[i] .. steps() end
collectgarbage()
return finalized, next(weak), table.concat(names, " ", 1, 12)
