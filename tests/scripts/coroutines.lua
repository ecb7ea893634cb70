local function producer(n)
  return coroutine.create(function(...)
    print("start", ...)
    for i = 1, n do print("got", coroutine.yield(i, i * i)) end
    return "end"
  end)
end
local co = producer(2)
print(coroutine.status(co), coroutine.resume(co, "a", "b"))
print(coroutine.resume(co, "first"))
print(coroutine.resume(co, "second"))
print(coroutine.status(co), coroutine.resume(co))
-- across pcall, metamethods, iterators and sort
local wrapped = coroutine.wrap(function()
  print(pcall(function() error(coroutine.yield("in pcall")) end))
  local t = setmetatable({}, {__index = function(_, k) return coroutine.yield("index " .. k) end,
                              __add = function() return coroutine.yield("add") end})
  print(t.field, t + 1)
  for v in function() return coroutine.yield("iterate") end do print("value", v) end
  print(pcall(table.sort, {3, 2, 1}, function() return coroutine.yield() end))
  return "finished"
end)
print(wrapped())
for _, answer in ipairs {"oops", "value", 42, "v1", false} do print(wrapped(answer)) end
local failing = coroutine.create(function() local x <close> = setmetatable({}, {__close = function(_, e) print("closing", e) end}) error("failed", 0) end)
print(select("#", coroutine.resume(failing)), coroutine.status(failing), coroutine.close(failing))
print(coroutine.close(coroutine.create(print)))
print(select(2, coroutine.running()), coroutine.isyieldable(), pcall(coroutine.yield))
print(coroutine.resume(coroutine.running()))
local self
self = coroutine.wrap(function() return pcall(self) end)
print(self())
