local before = collectgarbage("count")
local keep = {}
for i = 1, 1000 do keep[i] = {i} end
print(collectgarbage("count") > before, collectgarbage("isrunning"), collectgarbage("step") ~= nil)
print(collectgarbage("stop"), collectgarbage("isrunning"), collectgarbage("restart"), collectgarbage("isrunning"))
local order = {}
for i = 1, 3 do setmetatable({}, {__gc = function() order[#order + 1] = i end}) end
collectgarbage()
print(table.concat(order, " "))
local resurrected
setmetatable({name = "back"}, {__gc = function(o) resurrected = o end})
collectgarbage()
print(resurrected.name)
setmetatable({}, {__gc = function() error("in a finalizer") end})
warn("@on") collectgarbage() warn("@off")
local ephemeron = setmetatable({}, {__mode = "k"})
do local key = {} ephemeron[key] = {key} end
collectgarbage() collectgarbage()
print(next(ephemeron))
local modes = {collectgarbage("generational"), collectgarbage("incremental")}
print(modes[1], modes[2], collectgarbage("collect"))
