-- A chain of ephemerons, in tables that stand in no order, so that each pass of the collector finds few.
local keep, meta, n = {}, {__mode = 'k'}, 2000
for i = 1, n do keep[i] = setmetatable({}, meta) end
local order = {}
for i = 1, n do order[i] = i end
for i = n, 2, -1 do local j = math.random(i) order[i], order[j] = order[j], order[i] end
local k = {}
local first = k
for i = 1, n do local v = {} keep[order[i]][k] = v k = v end
k = nil
while true do collectgarbage() end
