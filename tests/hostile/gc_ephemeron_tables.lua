-- A chain of ephemerons, each in a table of its own.
local keep, meta = {}, {__mode = 'k'}
local first = {}
local k = first
for i = 1, 4000 do local n = {} keep[i] = setmetatable({[k] = n}, meta) k = n end
k = nil
while true do collectgarbage() end
