-- Objects of the host, some of which are forgotten while others wait.
local object = host.call("object", 1)
object.field = "assigned"
print(object.name, object(1, object), object == host.call("object", 1), object)
objects = objects or setmetatable({}, {__mode = "k"})
for i = 1, 4 do
  objects[host.call("object", i)] = i
  if i == 3 then collectgarbage() end
end
local kept = {}
for reference, i in pairs(objects) do kept[i] = tostring(reference) end
return #kept > 0, objects[object]
