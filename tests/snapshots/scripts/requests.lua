-- The host is asked from wherever a script can ask.
local ask = host.define("ask")
local object = setmetatable({}, {
  __index = function(_, key) return ask("index", key) end,
  __add = function(_, other) return ask("add", other) end,
  __close = function() print("closed", ask("close")) end,
  __call = function(_, ...) return ask("call", ...) end,
})
print(object.field, object + 2, object(1, nil, "three"), pcall(ask, "protected"))
for value in function(_, last) return not last and ask("iterator") or nil end do print("iterator", value) end
do
  local closed <close> = object
  print(load("return ...")(ask("\0bytes\xff", {1, 2, {key = "value"}})))
end
answers = answers or {}
for i = 1, 4 do answers[#answers + 1] = ask("shared", #answers, i) end
return #answers, answers[#answers]
