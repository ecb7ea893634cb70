-- The names under a path from the globals that begin with a prefix. No metamethod runs: only tables are looked into.
local path, prefix, methods = ...
local rawget, next, type = rawget, next, type
local getmetatable = debug.getmetatable

-- The table that stands behind a value, for keys that it has not.
local function behind(value)
  local meta = getmetatable(value)
  local index = meta and rawget(meta, "__index")
  return type(index) == "table" and index or nil
end

-- How many tables may stand behind each other.
local depth = 16

local function field(value, key)
  for _ = 1, depth do
    local found = type(value) == "table" and rawget(value, key)
    if found ~= nil and found ~= false then
      return found
    end
    value = behind(value)
    if value == nil then
      return nil
    end
  end
end

local value = _G
for i = 1, #path do
  value = field(value, path[i])
  if value == nil then
    return {}
  end
end

local names, seen = {}, {}
for _ = 1, depth do
  if type(value) == "table" then
    for key, found in next, value do
      if type(key) == "string" and not seen[key] and key:sub(1, #prefix) == prefix
        and key:find("^[%a_][%w_]*$") and (not methods or type(found) == "function") then
        seen[key] = true
        names[#names + 1] = key
      end
    end
  end
  value = behind(value)
  if value == nil then
    break
  end
end
table.sort(names)
return names
