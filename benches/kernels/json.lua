-- 550, short 4: a coder and a decoder of JSON
local rounds = tonumber(arg[1])
local format, sort, concat = string.format, table.sort, table.concat

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t" }
local unescapes = { n = "\n", t = "\t" }

local function encode(value, out)
  local kind = type(value)
  if kind == "table" then
    if value[1] ~= nil or next(value) == nil then
      out[#out + 1] = "["
      for i = 1, #value do
        if i > 1 then out[#out + 1] = "," end
        encode(value[i], out)
      end
      out[#out + 1] = "]"
    else
      local keys = {}
      for key in pairs(value) do keys[#keys + 1] = key end
      sort(keys)
      out[#out + 1] = "{"
      for i, key in ipairs(keys) do
        out[#out + 1] = format('%s"%s":', i > 1 and "," or "", key)
        encode(value[key], out)
      end
      out[#out + 1] = "}"
    end
  elseif kind == "string" then
    out[#out + 1] = '"' .. value:gsub('["\\\n\t]', escapes) .. '"'
  else
    out[#out + 1] = tostring(value)
  end
end

local function fail(at) error("no JSON at " .. at) end

local decode_value
local function decode_string(s, at)
  local stop = at
  repeat
    stop = s:find('["\\]', stop)
    if s:byte(stop) == 92 then stop = stop + 2 end
  until s:byte(stop) == 34 and s:byte(stop - 1) ~= 92
  local text = s:sub(at, stop - 1)
  if text:find("\\", 1, true) then
    text = text:gsub("\\(.)", function(c) return unescapes[c] or c end)
  end
  return text, stop + 1
end

local function skip(s, at) return s:find("[^ \n]", at) end

function decode_value(s, at)
  at = skip(s, at)
  local c = s:sub(at, at)
  if c == '"' then return decode_string(s, at + 1) end
  if c == "[" or c == "{" then
    local result, close = {}, c == "[" and "]" or "}"
    at = skip(s, at + 1)
    while s:sub(at, at) ~= close do
      local key = #result + 1
      if c == "{" then
        key, at = decode_string(s, at + 1)
        at = skip(s, at)
        if s:sub(at, at) ~= ":" then fail(at) end
        at = at + 1
      end
      result[key], at = decode_value(s, at)
      at = skip(s, at)
      if s:sub(at, at) == "," then at = skip(s, at + 1) end
    end
    return result, at + 1
  end
  local word, stop = s:match("^([%w.+-]+)()", at)
  if word == "true" then return true, stop end
  if word == "false" then return false, stop end
  return tonumber(word) or fail(at), stop
end

local data = {}
for i = 1, 20 do
  data[i] = {
    id = i, score = i / 4, name = "item \"" .. i .. "\"\n", active = i % 2 == 0,
    tags = { "red", "a\\b", "tab\there" }, place = { x = i * 3, y = -i, deep = { {}, { i } } },
  }
end

local sum, text = 0, ""
for _ = 1, rounds do
  local out = {}
  encode(data, out)
  text = concat(out)
  data = decode_value(text, 1)
  sum = sum + #text
end
print(sum, #data, data[7].name, text:sub(1, 60))
