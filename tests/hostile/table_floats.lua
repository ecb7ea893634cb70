-- Float keys that are integers, and those that are not.
local t, x = {}, 0
while true do x = x + 0.5 t[x] = true t[x - 1000] = nil end
