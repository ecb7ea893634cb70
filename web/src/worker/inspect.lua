-- What the page shows of values. Nothing here calls a metamethod, as those are the script's and may do anything.

local take_picture = ...
local type, next, rawget, rawequal, getmetatable, setmetatable = type, next, rawget, rawequal, getmetatable, setmetatable
local load, select, tostring, ipairs = load, select, tostring, ipairs
local format, gsub, sub, byte, find, match, gmatch = string.format, string.gsub, string.sub, string.byte, string.find, string.match, string.gmatch
local mathtype = math.type
local sort, concat, pack = table.sort, table.concat, table.pack
local getinfo, getlocal, getupvalue = debug.getinfo, debug.getlocal, debug.getupvalue
local gethook, sethook = debug.gethook, debug.sethook
local costatus, running, create, wrap = coroutine.status, coroutine.running, coroutine.create, coroutine.wrap
local codes = utf8.len
local library, globals, strings = coroutine, _G, string

-- Objects that the page has seen, by number; they are held by the script alone.
local objects, numbers, last = setmetatable({}, {__mode = "v"}), setmetatable({}, {__mode = "k"}), 0

local function number_of(object)
  local known = numbers[object]
  if not known then
    last = last + 1
    known = last
    numbers[object], objects[known] = known, object
  end
  return known
end

local ESCAPES = {["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ['"'] = '\\"', ["\\"] = "\\\\"}

local function escape(letter)
  return ESCAPES[letter] or format("\\x%02x", byte(letter))
end

--- A string as source would have it, cut after so many bytes.
local function quote(text, limit)
  local short = #text > limit and sub(text, 1, limit) or text
  -- A character that the cut went through is left out.
  if #text > limit then
    local ok, at = codes(short)
    if not ok and at and at > #short - 4 then short = sub(short, 1, at - 1) end
  end
  short = gsub(short, codes(short) and '[%c"\\]' or '[%c"\\\128-\255]', escape)
  return '"' .. short .. (#text > limit and '…"' or '"')
end

local function place_of(info)
  if info.what == "C" then return "C" end
  return gsub(info.short_src, "^%./", "") .. ":" .. info.linedefined
end

local function is_name(key)
  return type(key) == "string" and #key < 60 and find(key, "^[%a_][%w_]*$") ~= nil
end

local short

--- A few entries of a table, in one line.
local function preview(t)
  local parts, n, after = {}, 0, 0
  while n < 6 and rawget(t, n + 1) ~= nil do
    n = n + 1
    parts[n] = short(rawget(t, n))
  end
  local key, value = next(t)
  while key ~= nil and #parts < 6 and after < 50 do
    after = after + 1
    if not (mathtype(key) == "integer" and key >= 1 and key <= n) then
      parts[#parts + 1] = (is_name(key) and key or "[" .. short(key) .. "]") .. " = " .. short(value)
    end
    key, value = next(t, key)
  end
  return "{" .. concat(parts, ", ") .. (key ~= nil and #parts >= 6 and ", …}" or "}")
end

local function text_of(value, limit, inner)
  local kind = type(value)
  if kind == "string" then return quote(value, limit) end
  if kind == "table" then return inner and (next(value) == nil and "{}" or "{…}") or preview(value) end
  if kind == "function" then return "function " .. place_of(getinfo(value, "S")) end
  if kind == "thread" then return "thread, " .. costatus(value) end
  if kind == "userdata" then return format("userdata %p", value) end
  return tostring(value)
end

function short(value)
  return text_of(value, 30, true)
end

local function has_children(value, kind)
  if kind == "table" then return next(value) ~= nil or getmetatable(value) ~= nil end
  return kind == "function" and getupvalue(value, 1) ~= nil
end

--- A value for the page: its type, its text, and a number to ask for its parts by.
local function describe(value)
  local kind = type(value)
  if kind == "number" then kind = mathtype(value) end
  return {kind = kind, text = text_of(value, 400), id = has_children(value, kind) and number_of(value) or nil}
end

local ORDER = {integer = 1, float = 1, string = 2, boolean = 3}

local function before(a, b)
  local x, y = a[1], b[1]
  local kind, other = mathtype(x) or type(x), mathtype(y) or type(y)
  local first, second = ORDER[kind] or 4, ORDER[other] or 4
  if first ~= second then return first < second end
  if first == 1 or first == 2 then return x < y end
  return false
end

--- So many entries of a table from one on; sorted where they are few enough.
local function entries_of(t, from, count)
  local entries, n, key, value = {}, 0, next(t)
  while key ~= nil and n < from + count + 2000 do
    n = n + 1
    entries[n] = {key, value}
    key, value = next(t, key)
  end
  if key == nil then sort(entries, before) end
  return entries, key ~= nil
end

--- The parts of an object that the page has seen: entries of a table, upvalues of a function.
local function children(id, from, count)
  local object = objects[id]
  if object == nil then return nil end
  local parts, more = {}, false
  if type(object) == "table" then
    local entries, cut = entries_of(object, from, count)
    for i = from + 1, from + count do
      local entry = entries[i]
      if not entry then break end
      local key = is_name(entry[1]) and entry[1] or "[" .. short(entry[1]) .. "]"
      parts[#parts + 1] = {name = key, value = describe(entry[2])}
    end
    more = cut or #entries > from + count
    local meta = getmetatable(object)
    if from == 0 and meta ~= nil then parts[#parts + 1] = {name = "(metatable)", value = describe(meta)} end
  else
    for i = 1, 60 do
      local name, value = getupvalue(object, i)
      if not name then break end
      parts[i] = {name = name, value = describe(value)}
    end
  end
  return {parts = parts, more = more}
end

-- What was there before the script.
local standard = {}
for name, value in next, globals do standard[name] = value end

--- The globals that the script has made or changed; with `all` those of Lua too.
local function list_globals(all)
  local found = {}
  for _, entry in ipairs((entries_of(globals, 0, 2000))) do
    if #found >= 1000 then break end
    if all or not rawequal(standard[entry[1]], entry[2]) then
      found[#found + 1] = {name = is_name(entry[1]) and entry[1] or "[" .. short(entry[1]) .. "]", value = describe(entry[2])}
    end
  end
  return found
end

--- Paths and texts of all that the script's globals reach, to compare two states by: at most so many.
local function flatten(limit)
  local found, seen, n = {}, {}, 0
  local function visit(path, value, depth)
    if n >= limit then return end
    n = n + 1
    local isnew = type(value) == "table" and not seen[value]
    found[n] = {path, type(value) == "table" and (next(value) == nil and "{}" or "table") or text_of(value, 200)}
    if not isnew or depth >= 6 then return end
    seen[value] = true
    for _, entry in ipairs((entries_of(value, 0, 500))) do
      visit(path .. (is_name(entry[1]) and "." .. entry[1] or "[" .. short(entry[1]) .. "]"), entry[2], depth + 1)
    end
  end
  for _, entry in ipairs((entries_of(globals, 0, 2000))) do
    if not rawequal(standard[entry[1]], entry[2]) then
      visit(is_name(entry[1]) and entry[1] or "[" .. short(entry[1]) .. "]", entry[2], 1)
    end
  end
  return found
end

--- Names that go on with what was typed: `string.f`, `pri`.
local function complete(typed)
  local path, stem = match(typed, "([%a_][%w_%.:]*[%.:])([%w_]*)$")
  if not path then path, stem = "", match(typed, "([%a_][%w_]*)$") or "" end
  local place = globals
  for part in gmatch(path, "[%a_][%w_]*") do
    if type(place) == "string" then place = strings end
    place = type(place) == "table" and rawget(place, part) or nil
  end
  if type(place) == "string" then place = strings end
  local names = {}
  if type(place) == "table" then
    for name in next, place do
      if is_name(name) and sub(name, 1, #stem) == stem and #names < 200 then names[#names + 1] = name end
    end
  end
  sort(names)
  return stem, names
end
