-- The same, as many as fuel and memory allow.
local keep, meta, k = {}, {__mode = 'k'}, {}
local first = k
while true do
  local free = {}
  for i = 1, 64 do free[i] = setmetatable({}, meta) keep[#keep + 1] = free[i] end
  for i = 64, 1, -1 do local v = {} table.remove(free, math.random(i))[k] = v k = v end
end
