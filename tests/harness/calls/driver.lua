-- Makes the calls of `make calls`: finds every function that a script can reach, and calls it as bytes say (tests/harness/calls.rs).
-- What it uses itself it keeps in variables of its own, since the calls may change anything else.
local pcall, xpcall, type, select, next, rawset, setmetatable, getmetatable, tostring, load, error =
  pcall, xpcall, type, select, next, rawset, setmetatable, getmetatable, tostring, load, error
local byte, char, sub, concat, unpack, sort = string.byte, string.char, string.sub, table.concat, table.unpack, table.sort
local create, resume, wrap, yield, running, status = coroutine.create, coroutine.resume, coroutine.wrap, coroutine.yield, coroutine.running, coroutine.status
local getinfo, getlocal, getupvalue, open, tmpfile, lines, sethook, collect, rep, gmatch, gsub =
  debug.getinfo, debug.getlocal, debug.getupvalue, io.open, io.tmpfile, io.lines, debug.sethook, collectgarbage, string.rep, string.gmatch, string.gsub
local define, host_call, stdin, stdout, stderr, null = host.define, host.call, io.stdin, io.stdout, io.stderr, host.null
local string_meta, file_meta = getmetatable(""), getmetatable(io.stdout)

-- Bytes to a call: two for the function, one for the way, one for the number of arguments, three for each of four. Those of the first
-- say which functions the others prefer.
local CALL = 16

-- What earlier calls returned.
local results = {}

local functions, names = {}, {}

local function add(name, f)
  functions[#functions + 1] = f
  names[#names + 1] = name
end

-- Functions that are made by others, anew for each call.
local makers = {}

local function add_made(name, maker)
  makers[#functions + 1] = maker
  add(name, maker)
end

do
  local seen = {}
  local function walk(name, value)
    if seen[value] then return end
    if type(value) == "function" then
      seen[value] = true
      add(name, value)
    elseif type(value) == "table" then
      seen[value] = true
      local keys = {}
      for key in next, value do if type(key) == "string" or type(key) == "number" then keys[#keys + 1] = key end end
      sort(keys, function(a, b) return tostring(a) < tostring(b) end)
      for _, key in next, keys do walk((name == "_G" and "" or name .. ".") .. key, value[key]) end
    end
  end
  seen[package.loaded] = true
  -- Where Lua checks each call of its API: an error of string.unpack after many results takes a slot that it did not ask for. Stacks
  -- have some to spare.
  if not utf8 then seen[string.unpack] = true end
  walk("_G", _G)
  for name, value in next, {["string metatable"] = string_meta, ["file metatable"] = file_meta, ["null metatable"] = getmetatable(null)} do walk(name, value) end
end
add_made("made by string.gmatch", function(a, b) return gmatch(a, b) end)
add_made("made by io.lines", function(a) return (lines("lines", a)) end)
add_made("made by file:lines", function(a) return open("lines"):lines(a) end)
add_made("made by coroutine.wrap", function(a) return wrap(a) end)
add_made("made by ipairs", function() return (ipairs {}) end)
if utf8 then add_made("made by utf8.codes", function(a) return (utf8.codes(a)) end) end
add_made("made by load", function() return load("local a, b = ... return a, b, ...") end)
add_made("made by host.define", function(a) return define(a) end)
local operators = {
  "a + b", "a - b", "a * b", "a / b", "a // b", "a % b", "a ^ b", "a & b", "a | b", "a ~ b", "a << b", "a >> b", "-a", "~a", "#a", "a .. b", "a .. b .. c",
  "a == b", "a < b", "a <= b", "a[b]", "a(b, c)", "a:upper(b)", "a.b.c",
}
for _, operator in next, operators do add(operator, load("local a, b, c = ... return " .. operator)) end
add("a[b] = c", load("local a, b, c = ... a[b] = c"))
add("for in", load("local a, b, c, d = ... local n = 0 for x, y in a, b, c, d do n = n + 1 if n > 3 then break end end"))
add("for to", load("local a, b, c = ... local n = 0 for x = a, b, c do n = n + 1 if n > 3 then break end end"))
add("close", load("local a, b = ... local x <close> = a if b then error(b) end return b"))

add("field", load("local a, b = ... return a[b]"))
add("function of a level", function(level) return getinfo(level, "f").func end)
add("local of a level", function(level, number) return select(2, getlocal(level, number)) end)
add("upvalue", function(f, number) return select(2, getupvalue(f, number)) end)
add("field of a metatable", function(value, event) return getmetatable(value)[event] end)

-- Values by kind, two bytes choosing among them.
local integers = {0, 1, 2, 3, -1, -2, 4, 7, 8, 10, 16, 20, 31, 32, 36, 63, 64, 65, 100, 127, 128, 200, 255, 256, 1000, 65535, 65536, 1000000, 0x7fffffff, 0x80000000,
  -0x7fffffff, -0x80000000, 0xffffffff, 0x100000000, 1 << 52, 1 << 53, -(1 << 53), 0x7fffffffffffffff, -0x7fffffffffffffff, 1 << 63}
local floats = {0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.0, 3.0, 1e15, 1e100, -1e100, 1e308, 5e-324, 2.0 ^ 31, 2.0 ^ 53, 2.0 ^ 63, -(2.0 ^ 63), 1 / 0, -1 / 0, 0 / 0, 3.14159}
local strings = {"", "a", "b", "abc", "x y z", "\0", "a\0b", "0", "1", "-1", "0x10", "1e5", " 7 ", "1e999", "nan", "\xff", "\xf4\x90\x80\x80", "äöü", "\u{7fffffff}", rep("x", 100),
  rep("ab", 500), rep("\0", 300), rep("(", 250), rep("a", 5000), "hello world"}
local patterns = {".", "%w+", "(%w+)", "()", "%d*", "^a", "a$", "(.)%1", "%b()", "%f[%w]%w+", "[^a]", "[%a-z]", "[", "%", "(", ")", "(()", "%1", "a-", "a?b", ".-b", "x*", "%g", "[]]", "[^]]", "%f", rep("a?", 30) .. rep("a", 30),
  rep("(a)", 32), rep("(a)", 33), "%z", "[a-]", "%bxy", "\0+"}
local formats = {"%d", "%s", "%5.2f", "%q", "%x", "%c", "%a", "%g", "%p", "%i%%", "%99.99f", "%-20s|", "%.3s", "%100d", "%y", "%", "%d %s %q", "%+.14g", "%#x", "%08d", "%.99e", "% d", "%10q", "%5c", rep("%s", 20),
  "<i4", ">I8", "z", "s2", "s1", "!8 d", "i16", "i17", "B", "j n", "b B h H", "f d", "x", "Xi4", "c5", "c0", "=!4 i3", "<i0", " < > = !", "s", "c2147483647", "i", rep("b", 200)}
local modes = {"r", "w", "a", "r+", "w+", "rb", "wb", "a+b", "q", "n", "l", "L", "*a", "*n", "*l", "k", "v", "kv", "t", "b", "bt", "no", "full", "line", "set", "cur", "end", "c", "cr", "crl", "collect", "count", "step", "stop", "restart",
  "isrunning", "generational", "incremental", "param", "pause", "stepmul", "stepsize", "setpause", "setstepmul", "S", "l", "f", "n", "u", "t", "r", "L", ">f", "nSltufrL", "all", "C", "ctype", "", "#", "name", "@on", "@off", "%c", "!*t", "*t", "!%Y-%m-%d", "%x %X %p", "%E", "%Ey", "%Od",
  "%j%U%w%a%A%b%B%d%H%I%M%S%W%y%z%Z%%"}
local codes = {"", "return", "return 1, 2, 3", "return ...", "x =", "local x <close> = ... return x", "for i = 1, 3 do coroutine.yield(i) end", "error('e')", "return function(...) return ... end", "goto l ::l::", "return _ENV", "local function f() return f() end", rep("(", 300),
  "return " .. rep("{", 150) .. rep("}", 150), rep("a = 1 ", 200), "return " .. rep("a..", 150) .. "a", "#!shebang\nreturn 1", "\27Lua", "return 'unfinished", "--[[", "local a <const> = 1 a = 2", "return 0x1p4, 1e400, 3 // 0.0", "local t = setmetatable({}, {__gc = print}) t = nil"}
local files = {"f", "lines", "a/b.lua", "missing", "/dev/null", "/dev/full", "/dev/stdin", "/dev/stdout", "", "/", ".", "..", "a\0b", "f/g", rep("n", 300), "code.lua", "./code", "?.lua;?/init.lua"}
local events = {"__index", "__newindex", "__call", "__add", "__sub", "__mul", "__div", "__mod", "__pow", "__unm", "__idiv", "__band", "__bor", "__bxor", "__shl", "__shr", "__bnot", "__concat", "__len", "__eq", "__lt", "__le", "__close",
  "__gc", "__tostring", "__name", "__pairs", "__metatable", "__mode"}

-- One of a list.
local function one(list, a) return list[a % #list + 1] end

local make

-- Looks around on the stack for what can be called or used.
local spied = 0
local function spy(...)
  for level = 2, 6 do
    local info = getinfo(level, "f")
    if not info then break end
    spied = (spied + 1) % 16
    results[16 + spied] = info.func
    for number = -2, 12 do
      local name, value = getlocal(level, number)
      if type(value) == "userdata" or type(value) == "function" then
        spied = (spied + 1) % 16
        results[16 + spied] = value
        local meta = getmetatable(value)
        if meta and meta.__gc then results[spied] = meta.__gc end
      end
    end
  end
  return ...
end

-- Lua functions of every temper.
local tempers = {
  function(...) return ... end,
  spy,
  function() end,
  function() return spy("text") end,
  function() error("thrown", 0) end,
  function(...) error(...) end,
  function(a, b) return a < b end,
  function() return true end,
  function() return false end,
  function() return 1, 2, 3 end,
  function() return unpack(results, 1, 20) end,
  function(a) results[1] = a return a end,
  function() return yield(1, 2) end,
  function(...) return (yield(...)) end,
  function() return host_call("within") end,
  function() return "text" end,
  function() return {} end,
  function() collect("step", 100) return "x" end,
  function() collect() return 1 end,
  function(a, n) n = (n or 0) + 1 if n < 3 then return n, a end end,
  function(_, n) if n == 1 then return nil end return 1 end,
  function(a) return setmetatable({}, {__index = a, __close = a, __gc = a}) end,
  function(...) local f = results[2] if f then return f(...) end end,
  function() return running() end,
  function() for i = 1, 5 do results[i] = nil end return results end,
  function(a) local x <close> = a return 1 end,
  function() local function down(n) if n > 0 then return down(n - 1), 1 end end return down(30) end,
}

-- The few functions that a batch mostly calls, so that they meet each other's results.
local theme = {}

-- Functions that calls returned last.
local recent, recently = {}, 0

local function number_of(a, b)
  return a < 176 and theme[b % 8 + 1] or (a * 256 + b) % #functions + 1
end

local function a_function(a, b)
  if a < 96 then return functions[number_of(a * 2, b)] end
  if a < 176 then return one(tempers, b) end
  if a < 240 then
    local made = recent[b % 4] or results[b % 32]
    if type(made) == "function" then return made end
  end
  local ok, made = pcall(one(functions, a * 256 + b), one(strings, a), one(patterns, b))
  return ok and type(made) == "function" and made or print
end

local open_files = {}

local function a_file(a, b)
  if a < 40 then return one({stdin, stdout, stderr}, a) end
  local place = b % 8
  if not open_files[place] or a < 80 then open_files[place] = open(one(files, b), one(modes, a % 8)) or tmpfile() end
  if a > 240 then pcall(file_meta.__index.close, open_files[place]) end
  return open_files[place]
end

local threads = {}

local function a_thread(a, b)
  if a < 20 then return (running()) end
  local place = b % 8
  if not threads[place] or a < 120 then
    local ok, thread = pcall(create, a_function(a * 7 % 256, b))
    if ok then threads[place] = thread end
    if ok and a % 2 == 0 then pcall(resume, thread, b) end
  end
  return threads[place]
end

local function a_table(a, b, depth)
  local t
  local kind = a % 12
  if kind == 0 then t = {}
  elseif kind == 1 then t = {3, 1, 2, 5, 4, 9, 7}
  elseif kind == 2 then t = {"b", "a", "c", n = b}
  elseif kind == 3 then t = {year = 2000 + b, month = b % 14, day = b % 33, hour = b % 26, min = b, sec = b, isdst = b % 2 == 0}
  elseif kind == 4 then t = {x = 1, y = {z = {}}, [1.5] = true, [-1] = b}
  elseif kind == 5 then t = {one(integers, b), one(floats, a), one(strings, b), true, {}}
  elseif kind == 6 then t = {} for i = 1, b do t[i] = b - i end
  elseif kind == 7 then t = {} t[1] = t t.self = t
  elseif kind == 8 then t = {1, 2, nil, 4, nil, nil, 7}
  elseif kind == 9 then t = setmetatable({}, {__mode = one({"k", "v", "kv"}, b)}) t[{}] = {} t[1] = {}
  elseif kind == 10 then t = {} for i = 1, 40 do t["key" .. i] = i end
  else return one({_G, string, table, math, os, io, coroutine, debug, package, package.loaded, package.preload, package.searchers, string_meta, file_meta, results, msgpack, host, utf8}, b) end
  if a >= 96 and depth < 3 then
    local meta = {}
    for i = 1, 1 + b % 6 do
      local event = one(events, a * 5 + b * i + i)
      if event == "__mode" or event == "__name" then meta[event] = one(modes, b * i)
      elseif event == "__index" and i % 2 == 0 then meta[event] = a_table(b, a, depth + 1)
      else meta[event] = a_function((a * 31 + b * i) % 256, (b * 17 + i) % 256) end
    end
    pcall(setmetatable, t, meta)
  end
  return t
end

-- A reference of the host's, which comes with each batch.
local reference

-- Kinds of arguments, by letter.
local kinds = {
  i = function(a, b) return a < 200 and one(integers, b % 20) or one(integers, b) end,
  j = function(a, b) return b < 240 and 1 + b % 3 or one(integers, b) end,
  n = function(a, b) return a % 2 == 0 and one(integers, b) or one(floats, b) end,
  s = function(a, b) return one(strings, b) end,
  p = function(a, b) return one(patterns, b) end,
  F = function(a, b) return one(formats, b) end,
  m = function(a, b) return one(modes, b) end,
  c = function(a, b) return one(codes, b) end,
  N = function(a, b) return one(files, b) end,
  t = function(a, b) return a_table(a, b, 0) end,
  T = function(a, b) return a_table(a % 96, b, 0) end,
  f = a_function,
  l = function(a, b) return one(tempers, b) end,
  o = a_file,
  C = a_thread,
  v = function(a, b) return make(a, b, a * 3 + b) end,
  r = function(a, b) return results[b % 32] end,
  b = function(a) return a % 2 == 0 end,
  e = function(a, b) return one(events, b) end,
  z = function() return nil end,
  k = function() return null end,
  R = function() return reference end,
  B = function(_, b) return one({"no", "full", "line"}, b) end,
  W = function(_, b) return one({"set", "cur", "end"}, b) end,
  O = function(_, b) return one({"r", "w", "a", "r+", "w+b", "rb"}, b) end,
  I = function(a, b) return b < 230 and b % 9 or one(integers, a) end,
  Y = function(_, b) return {b = {c = b}} end,
}
local all_kinds = {"i", "n", "s", "p", "F", "m", "c", "N", "t", "T", "f", "l", "o", "C", "r", "r", "r", "b", "e", "z", "t", "f", "k", "n", "R"}

function make(a, b, kind) return kinds[one(all_kinds, kind)](a, b) end

-- What functions take when they are to succeed, now and then.
local signatures = {
  assert = "vv", collectgarbage = "mi", dofile = "N", error = "vi", getmetatable = "v", ipairs = "t", load = "csmt", loadfile = "Nmt", next = "T", pairs = "t", pcall = "fv", print = "vv",
  rawequal = "vv", rawget = "tv", rawlen = "T", rawset = "Tsv", require = "N", select = "ivv", setmetatable = "TT", tonumber = "si", tostring = "v", type = "v", warn = "ss", xpcall = "ffv",
  ["coroutine.close"] = "C", ["coroutine.create"] = "f", ["coroutine.isyieldable"] = "C", ["coroutine.resume"] = "Cvv", ["coroutine.status"] = "C", ["coroutine.wrap"] = "f", ["coroutine.yield"] = "vv",
  ["debug.gethook"] = "C", ["debug.getinfo"] = "fm|jm|Cjm", ["debug.getlocal"] = "jj|Cjj|lj", ["debug.getupvalue"] = "fj", ["debug.sethook"] = "fmi|Cfmi", ["debug.traceback"] = "Csi", ["debug.upvalueid"] = "fj",
  ["debug.setupvalue"] = "fjv", ["debug.setlocal"] = "jjv|Cjjv", ["debug.setmetatable"] = "vt", ["debug.upvaluejoin"] = "ljlj", ["debug.setuservalue"] = "ovj", ["debug.getuservalue"] = "oj",
  ["function of a level"] = "j", ["local of a level"] = "jj", upvalue = "fj", ["field of a metatable"] = "oe", field = "tm",
  ["host.call"] = "sv", ["host.define"] = "s", ["io.close"] = "o", ["io.input"] = "o", ["io.lines"] = "Nm|N", ["io.open"] = "NO", ["io.output"] = "o", ["io.read"] = "mi", ["io.type"] = "v", ["io.write"] = "sn",
  ["msgpack.encode"] = "Tnsb", ["msgpack.decode"] = "si", ["os.date"] = "mi", ["os.difftime"] = "ii", ["os.exit"] = "ib", ["os.getenv"] = "s", ["os.remove"] = "N", ["os.rename"] = "NN", ["os.setlocale"] = "mm", ["os.time"] = "T",
  ["package.loadlib"] = "Ns", ["package.searchpath"] = "NN", ["string.byte"] = "sii", ["string.char"] = "ii", ["string.dump"] = "lb", ["string.find"] = "spib", ["string.format"] = "Fnns", ["string.gmatch"] = "spi",
  ["string.gsub"] = "spfi", ["string.len"] = "s", ["string.lower"] = "s", ["string.match"] = "spi", ["string.pack"] = "Fnns", ["string.packsize"] = "F", ["string.rep"] = "sis", ["string.reverse"] = "s", ["string.sub"] = "sii",
  ["string.unpack"] = "Fsj", ["string.upper"] = "s", ["table.concat"] = "TsII", ["table.insert"] = "TIv|Tv", ["table.move"] = "TIII|TIIIT", ["table.pack"] = "vv", ["table.remove"] = "TI", ["table.sort"] = "Tl", ["table.unpack"] = "TII",
  ["table.create"] = "ii", ["utf8.char"] = "ii", ["utf8.codepoint"] = "siib", ["utf8.codes"] = "sb", ["utf8.len"] = "siib", ["utf8.offset"] = "sii", ["made by string.gmatch"] = "sp", ["made by io.lines"] = "m", ["made by file:lines"] = "m",
  ["made by coroutine.wrap"] = "l", ["made by utf8.codes"] = "s", ["made by host.define"] = "s", ["made by ipairs"] = "ti", ["for in"] = "lvv", ["for to"] = "iii", ["a(b, c)"] = "fvv", ["a[b] = c"] = "Tsv", ["a[b]"] = "tv", close = "zz", ["a.b.c"] = "Y", ["a:upper(b)"] = "s", ["-a"] = "n", ["~a"] = "i", ["#a"] = "T", ["a .. b"] = "sn", ["a .. b .. c"] = "sns", ["a < b"] = "nn", ["a <= b"] = "ss",
}
for _, operator in next, {"+", "-", "*", "/", "//", "%", "^"} do signatures["a " .. operator .. " b"] = "nn" end
for _, operator in next, {"&", "|", "~", "<<", ">>"} do signatures["a " .. operator .. " b"] = "ii" end
for name in next, math do signatures["math." .. name] = signatures["math." .. name] or "nn" end
signatures["math.random"], signatures["math.randomseed"], signatures["math.ldexp"], signatures["math.ult"] = "II", "ii", "nI", "ii"
for _, event in next, {"add", "sub", "mul", "div", "mod", "pow", "unm", "idiv"} do signatures["string metatable.__" .. event] = "nn" end
for _, name in next, {"read", "write", "lines", "close", "flush", "seek", "setvbuf"} do
  signatures["file metatable.__index." .. name] = ({read = "omi", write = "osn", lines = "om", seek = "oWi", setvbuf = "oBi"})[name] or "o"
end

-- What became of calls, three bytes each: the function's number, and whether it succeeded, or 2 where that does not show.
local log, logged = {}, 0

local function keep(place, ok, ...)
  local n = select("#", ...)
  for i = 1, n < 3 and n or 3 do
    local value = select(i, ...)
    results[(place + i) % 32] = value
    if type(value) == "function" then
      recently = (recently + 1) % 4
      recent[recently] = value
    end
  end
  return ok
end

local function a_size(a) return type(a) == "number" and a == a and a > 0 and a < 100 and a // 1 | 0 or 0 end

local ways = {
  function(f, ...) return pcall(wrap(f), ...) end,
  function(f, ...) return resume(create(f), ...) end,
  function(f, a, ...) return xpcall(f, type(a) == "function" and a or one(tempers, 5), ...) end,
  function(f, a, b) return true, pcall(setmetatable({}, {__index = f, __close = f, __lt = f, __concat = f}).x, a, b) end,
  function(f) return true, pcall(gsub, "abc", ".", f) end,
  function(f) return true, pcall(sort, {5, 2, 8, 1, 9}, f) end,
  function(f, a) return true, pcall(function() local x <close> = setmetatable({}, {__close = f}) error(a) end) end,
  function(f, a, b) setmetatable({}, {__gc = f}) collect("step", 50) return true end,
  function(f, a, b) local t = setmetatable({}, {__lt = f, __add = f, __call = f, __eq = f, __len = f, __tostring = f}) return true, pcall(function() return t < t, t + a, t(b), t == a, #t, tostring(t) end) end,
  function(f, a, b) local co = create(one(tempers, a_size(a))) pcall(sethook, co, f, "crl", 1) return true, pcall(resume, co, a, b) end,
  function(f, a, b) return true, pcall(load, f, "=chunk", "t", a) end,
}

local function call(bytes, at)
  local f1, f2, way, count = byte(bytes, at, at + 3)
  if not count then return end
  local number = number_of(f1, f2)
  local name, f = names[number], functions[number]
  -- Few calls end all others.
  if name == "os.exit" and way > 3 then number = 1 name, f = names[1], functions[1] end
  local signature = way % 2 == 0 and signatures[name]
  if signature then
    local choice, picked = count % 3, nil
    for one_of in gmatch(signature, "[^|]+") do
      if not picked or choice > 0 then picked, choice = one_of, choice - 1 end
    end
    signature = picked
  end
  local arguments = {}
  local n = signature and #signature or count % 5
  if signature and count > 240 then n = count % 5 end
  for i = 1, n do
    local kind, a, b = byte(bytes, at + 1 + 3 * ((i - 1) % 4 + 1), at + 3 + 3 * ((i - 1) % 4 + 1))
    if not b then return end
    local letter = signature and kind < 224 and sub(signature, i, i) or ""
    if letter ~= "" then arguments[i] = kinds[letter](a, b) else arguments[i] = make(a, b, kind) end
  end
  local ok, seen = true, way < 176
  if makers[number] then
    local made
    ok, made = pcall(f, unpack(arguments, 1, n))
    f = made
    -- The iterators are called as `for` calls them.
    if ok then arguments[1], arguments[2], n = arguments[2], arguments[1], 2 end
  end
  if ok then
    if way < 144 then ok = keep(f2, pcall(f, unpack(arguments, 1, n)))
    elseif way < 160 then ok = keep(f2, ways[1](f, unpack(arguments, 1, n)))
    elseif way < 176 then ok = keep(f2, ways[2](f, unpack(arguments, 1, n)))
    else pcall(keep, f2, pcall(one(ways, way), f, unpack(arguments, 1, n))) end
  end
  log[logged + 1] = char(number // 256, number % 256, not seen and 2 or ok and 1 or 0)
  logged = logged + 1
end

local function batch(bytes, new_reference)
  reference = new_reference
  for i = 1, 8 do
    local a, b = byte(bytes, 2 * i - 1, 2 * i)
    if not b then return end
    theme[i] = (a * 256 + b) % #functions + 1
  end
  for at = 1 + CALL, #bytes, CALL do call(bytes, at) end
end

local function report()
  local text = concat(log, "", 1, logged)
  log, logged = {}, 0
  return text
end

do
  local f = open("lines", "w")
  f:write("one\ntwo 2\n3.5 0x10\n\nlast")
  f:close()
  f = open("code.lua", "w")
  f:write("return {...}")
  f:close()
end
return batch, report, names
