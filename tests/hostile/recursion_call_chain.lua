-- A chain of __call as long as it may be.
local f = function() end
for i = 1, 15 do f = setmetatable({}, {__call = f}) end
while true do pcall(f) end
