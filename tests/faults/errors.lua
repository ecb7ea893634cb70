local results = {}
local function note(...) for i = 1, select("#", ...) do results[#results + 1] = tostring((select(i, ...))) end end
for _, source in ipairs {"x = }", "local t = nil t.x = 1", "error({})", "return 1 .. {}", "goto nowhere", "('x'):bad()", "error('text')", "string.rep()"} do
  local chunk, message = load(source, "=source")
  if chunk then note(pcall(chunk)) else note(message) end
end
note(select(2, xpcall(function() local x = undefined.field end, debug.traceback)))
note(pcall(error, setmetatable({}, {__tostring = function() return ("long "):rep(50) end})))
local function overflow(n) return overflow(n + 1) + 1 end
local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function(_, e) note(e) error("closing") end}) error("inside") end)
note(coroutine.resume(co))
note(pcall(coroutine.wrap(function() error("wrapped") end)))
for i = 1, 3 do setmetatable({}, {__gc = function() error("in a finalizer") end}) end
collectgarbage()
print(table.concat(results, "\n"))
error(setmetatable({}, {__tostring = function() return "the end: " .. #results end}))
