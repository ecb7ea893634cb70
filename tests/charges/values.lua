-- What the arguments of arguments.txt are made of.
rep, char, format, inf, nan = string.rep, string.char, string.format, math.huge, 0 / 0

-- Every byte value, again and again.
function bytes(count)
  local all = {}
  for i = 0, 255 do all[i + 1] = char(i) end
  return rep(table.concat(all), count // 256)
end

function array(count)
  local t = {}
  for i = 1, count do t[i] = count - i end
  return t
end

function texts(count, text)
  local t = {}
  for i = 1, count do t[i] = text .. i end
  return t
end

function keys(count)
  local t = {}
  for i = 1, count do t["key" .. i] = i end
  return t
end

-- Keys of one place, or nearly.
function floats(count)
  local t = {}
  for i = 1, count do t[i + 0.5] = i end
  return t
end

function holes(count)
  local t = array(count)
  for i = 1, count - 1 do t[i] = nil end
  return t
end

function drained(count)
  local t = keys(count)
  for key in pairs(t) do t[key] = nil end
  return t
end

function nested(depth)
  local t = {}
  for _ = 1, depth do t = {t} end
  return t
end

-- An object with every metamethod, each cheap, that stands for a list of that length.
function object(length)
  local f = function(a, b) return 1 end
  local meta = {__len = function() return length end, __index = f, __newindex = f, __call = f, __tostring = function() return "object" end,
    __name = "object", __lt = function() return false end, __le = function() return true end, __eq = function() return true end,
    __concat = function() return "" end, __close = f, __pairs = function(t) return next, {}, nil end}
  for _, event in ipairs {"add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "bxor", "shl", "shr", "bnot"} do
    meta["__" .. event] = f
  end
  return setmetatable({}, meta)
end

-- Objects that stand for each other.
function chain(length, event)
  local t = {}
  for _ = 1, length do t = setmetatable({}, {[event] = t}) end
  return t
end

function deep(depth, f)
  local function down(n) if n > 0 then down(n - 1) else f() end return n end
  return function() return down(depth) end
end

function suspended(values)
  local co = coroutine.create(function() local t <close> = setmetatable({}, {__close = function() end}) coroutine.yield() end)
  coroutine.resume(co)
  return co
end

function failed(depth)
  local co = coroutine.create(deep(depth, error))
  coroutine.resume(co)
  return co
end

function file(contents, buffer)
  local f = io.tmpfile()
  f:write(contents)
  f:seek("set")
  if buffer then f:setvbuf(buffer) end
  return f
end

function named(name, contents)
  local f = io.open(name, "w")
  f:write(contents)
  f:close()
  return name
end

function chunk(text)
  return load(text)
end

function pieces(text, size)
  local at = 1
  return function()
    local piece = text:sub(at, at + size - 1)
    at = at + size
    return piece
  end
end

-- Where 1.5e-300 ends and the next double begins, to so many digits, of which the last are off.
function middle(digits)
  return format("%.99e", 1.5e-300):sub(1, digits > 90 and 90 or digits) .. rep("5", digits - 90) .. "e-300"
end

-- A function of a chunk whose name is long, which fails.
long_named = load("error('x')", ("a"):rep(1000000))
