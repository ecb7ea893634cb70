-- A list as long as memory allows, collected.
local t
for i = 1, 60000 do t = {t} end
while true do collectgarbage() end
