-- A chain of ephemerons in one table.
local t = setmetatable({}, {__mode = 'k'})
local first = {}
local k = first
for i = 1, 4000 do local n = {} t[k] = n k = n end
k = nil
while true do collectgarbage() end
