-- Weak values, cleared at each collection.
local t = setmetatable({}, {__mode = 'v'})
for i = 1, 20000 do t[i] = {} end
while true do t[1] = {} collectgarbage('step', 1000) end
