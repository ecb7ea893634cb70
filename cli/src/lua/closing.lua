-- What is done when a state ends: buffers of files are written. When all of it is to be closed finalizers run, too, the last made first.
-- It returns the code that one of them gave to os.exit.
local all = ...
local registry = debug.getregistry()
for file in pairs(registry["moonlet.opened"] or {}) do
  pcall(file.flush, file)
end
pcall(io.stdout.flush, io.stdout)
local names = registry["moonlet.names"]
if not all or not names then
  return
end

-- What a finalizer makes has none itself, as when Lua closes its state.
local setmetatable, type, rawget, rawset = setmetatable, type, rawget, rawset
function _G.setmetatable(value, meta)
  local finalizer = type(meta) == "table" and rawget(meta, "__gc")
  if not finalizer then
    return setmetatable(value, meta)
  end
  rawset(meta, "__gc", nil)
  setmetatable(value, meta)
  rawset(meta, "__gc", finalizer)
  return value
end

-- A finalizer that calls os.exit ends by that; the others still run.
local code
function os.exit(given)
  code = given
  error("os.exit", 0)
end

-- Whether a value can neither have a finalizer nor hold what has one.
local next, getmetatable, collect = next, debug.getmetatable, collectgarbage
local holds = { table = true, userdata = true, ["function"] = true, thread = true }
local function plain(value)
  if type(value) ~= "table" then
    return not holds[type(value)]
  elseif getmetatable(value) then
    return false
  end
  for key, inner in next, value do
    if holds[type(key)] or holds[type(inner)] then
      return false
    end
  end
  return true
end

-- Takes away those of the script's globals for which `goes` answers true, and collects what they held.
local function collected(goes, any)
  for _, of in next, { _G, package.loaded } do
    for name, value in next, of do
      if not names[name] and not plain(value) and goes(value) then
        rawset(of, name, nil)
        any = true
      end
    end
  end
  if any then
    collect()
  end
end

-- First what finalizers are called for, as they may use the rest; functions stay to the end.
collected(function(value)
  local meta = getmetatable(value)
  return meta and rawget(meta, "__gc") ~= nil
end, true)
-- Nothing more is garbage unless something goes.
collected(function(value)
  return type(value) ~= "function"
end)
return code
