-- A message handler that protects itself by itself.
local function handler() return xpcall(error, handler) end
while true do xpcall(error, handler) end
