local function show(x, depth)
  local kind = type(x)
  if kind == "string" then return ("%q"):format(x) end
  if kind == "number" then return tostring(x) .. (math.type(x) == "float" and ("<%a>"):format(x) or "") end
  if kind == "thread" then return "thread " .. coroutine.status(x) end
  if kind ~= "table" then return (kind == "nil" or kind == "boolean") and tostring(x) or kind end
  if depth == 3 then return "{...}" end
  local parts = {}
  for k, v in next, x do
    -- The order depends on an address, or on how large an array can be.
    local unsure = type(k) == "table" or type(k) == "function" or math.type(k) == "integer" and k >> 24 > 0 and k >> 32 == 0
    if unsure then parts = {"unsure"} break end
    parts[#parts + 1] = "[" .. show(k) .. "]=" .. show(v, (depth or 0) + 1)
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end
local function out(...)
  local t = table.pack(...)
  for i = 1, t.n do t[i] = show(t[i]) end
  print(table.concat(t, " ", 1, t.n))
end
local function try(f, ...) out(pcall(f, ...)) end
local function cut(s) return type(s) == "string" and #s > 60 and s:sub(1, 60) or s end
local function near(x) return math.type(x) == "float" and tonumber(("%.10g"):format(x)) or x end
math.randomseed(42)
local s1, s2, n1, n2, t1 = "hello world", "a,b,,c", 7, 0.5, {3, 1, 2}
