-- __gc given to old objects, each of which is looked for among all.
local t, meta = {}, {__gc = function() end}
for i = 1, 20000 do t[i] = {} end
for i = 1, 20000 do setmetatable(t[i], meta) end
while true do end
