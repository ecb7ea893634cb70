-- Many weak tables.
local t, meta = {}, {__mode = 'kv'}
for i = 1, 10000 do t[i] = setmetatable({[{}] = {}}, meta) end
while true do collectgarbage() end
