-- A chain of ephemerons, in tables that stand in the worst order.
local keep, meta, n = {}, {__mode = 'k'}, 3000
for i = 1, n do keep[i] = setmetatable({}, meta) end
local k = {}
local first = k
for i = n, 1, -1 do local v = {} keep[i][k] = v k = v end
k = nil
while true do collectgarbage() end
