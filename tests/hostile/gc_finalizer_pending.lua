-- Many finalizers to run at once.
local meta = {__gc = function() while true do end end}
for i = 1, 20000 do setmetatable({}, meta) end
collectgarbage()
while true do end
