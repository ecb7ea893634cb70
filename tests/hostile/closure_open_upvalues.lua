-- Open upvalues of a deep stack, looked through for each new closure.
local function deep(n)
  local x = n
  local f = function() return x end
  if n > 0 then return (deep(n - 1)), f end
  local function top() local y = 1 return function() return y end end
  while true do top() end
end
deep(5000)
