-- What lua's own program does, as one task: the options in their order, then the script. The host starts it with a plan.
-- It returns true, or false and a message that has no traceback.
local plan = ...
local call, ipairs, load, type, unpack = host.call, ipairs, load, type, table.unpack
local match = string.match

-- Where the host finds the thread that Ctrl-C interrupts.
debug.getregistry()["moonlet.thread"] = coroutine.running()
local collectgarbage = collectgarbage
arg = plan.arg

local protected = debug.getregistry()["moonlet.protected"]

-- Opens what the host reads: the function, or nil and why not.
local function open(path)
  local source, name = call("moonlet.source", path)
  if not source then
    return nil, name
  end
  return load(source, name)
end

for _, step in ipairs(plan.steps) do
  local kind, text = step.kind, step.text
  local f, message
  if kind == "warnings" then
    warn("@on")
  elseif kind == "require" then
    local name, module = match(text, "^([^=]*)=(.*)$")
    -- A version in the module's name is no part of the global's.
    name = name or match(text, "^[^-]*")
    local ok, value = protected(require, module or text)
    if not ok then
      return false, value
    end
    _G[name] = value
  else
    if kind == "file" then
      f, message = open(text)
    else
      f, message = load(text, step.name)
    end
    local ok = f
    if f then
      ok, message = protected(f)
    end
    if not ok then
      return false, message
    end
  end
end

if plan.script ~= nil then
  local f, message = open(plan.script or nil)
  local ok = f
  if f and not plan.arguments then
    ok, message = protected(f)
  elseif f and type(arg) ~= "table" then
    ok, message = false, "'arg' is not a table"
  elseif f then
    ok, message = protected(f, unpack(arg, 1, #arg))
  end
  if not ok then
    return false, message
  end
end
-- What is garbage by now waits until the state is closed.
if not plan.interactive then
  collectgarbage("stop")
end
return true
