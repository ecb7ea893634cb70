-- What the host raises, caught and not caught.
local fail = host.define("fail")
for i = 1, 3 do
  print(pcall(fail, i))
  print(xpcall(fail, function(message) return "handled: " .. message end, i))
end
print(coroutine.resume(coroutine.create(fail), "in a coroutine"))
fail("not caught")
