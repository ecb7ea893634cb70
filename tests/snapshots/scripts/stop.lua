-- The host cancels it, in a coroutine with variables to close.
local function closing(name)
  return setmetatable({}, {__close = function() print("closed", name) end})
end
local outer <close> = closing("outer")
coroutine.wrap(function()
  local inner <close> = closing("inner")
  host.call("ask", "before")
  host.call("stop")
end)()
