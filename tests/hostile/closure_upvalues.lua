-- Many open upvalues, found by a walk.
local function f(a)
  local list = {}
  for i = 1, 150 do local x = i list[i] = function() return x end end
  return list
end
while true do f() end
