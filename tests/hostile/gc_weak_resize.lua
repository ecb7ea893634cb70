-- A weak table that is filled again and again.
local t = setmetatable({}, {__mode = 'k'})
while true do t[{}] = {} end
