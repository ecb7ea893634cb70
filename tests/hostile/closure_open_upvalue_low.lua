-- A closure over the lowest of many open upvalues, which stands at the end of their list.
local low
local function chain(n)
  local x = n
  local f = function() return x end
  if n > 0 then return (chain(n - 1)), f end
  low()
end
local function bottom()
  local a = 1
  low = function() while true do local f = function() return a end end end
  chain(5000)
end
bottom()
