"""What the package runs in Lua."""

# No library is needed for these: a state may have none.
GET = "local keys, value = {...}, _ENV for i = 1, #keys do value = value[keys[i]] end return value"
SET = "local count, value = ... local keys, table = {...}, _ENV for i = 3, count + 1 do table = table[keys[i]] end table[keys[count + 2]] = value"

# Makes the functions that ask the host. An exception of the host arrives as a table; here it gets a metatable, so that it
# can be shown and joined like a message, and leaves as the same value that pcall saw.
DEFINE = """
local names = ...
local ask, define = host.call, host.define
local error, getmetatable, pcall, setmetatable, tostring, type = error, getmetatable, pcall, setmetatable, tostring, type
local exception = {__name = "exception"}
function exception.__tostring(e) return e.message end
function exception.__concat(a, b) return tostring(a) .. tostring(b) end
local function settle(ok, ...)
  if ok then return ... end
  local e = ...
  if type(e) == "table" and e.exception ~= nil and getmetatable(e) == nil then setmetatable(e, exception) end
  error(e, 0)
end
for i = 1, #names do
  local name, keys, place = names[i].name, names[i].keys, _ENV
  for k = 1, #keys - 1 do
    local inner = place[keys[k]]
    if inner == nil then
      inner = {}
      place[keys[k]] = inner
    end
    place = inner
  end
  place[keys[#keys]] = pcall and function(...) return settle(pcall(ask, name, ...)) end or define(name)
end
"""
