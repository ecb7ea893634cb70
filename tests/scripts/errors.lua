local function level3() error("at the caller", 2) end
local function level2() level3() end
print(pcall(level2), pcall(error), pcall(error, nil), pcall(error, "no position", 0))
print(select(2, pcall(error, setmetatable({}, {__tostring = function() return "object" end}))))
print(xpcall(function(...) return select("#", ...) end, print, 1, nil, 3))
print(xpcall(error, function(e) return "handled " .. e end, "e"))
print(pcall(pcall), pcall(xpcall, print), pcall(assert, false), pcall(assert, nil, "message"), assert(1, 2, 3))
for _, source in ipairs {
  "local x = nil; x.y = 1", "local x; x()", "undefinedglobal.field()", "return 1 < 'x'", "return {} + 1", "return 'a' | 1", "return 2^53 | 0.5",
  "return #nil", "return -{}", "local t = {} t[nil] = 1", "return ('x').y.z", "return math.floor('x')", "string.rep()", "return ('x'):bad()",
  "for i = 1, 'x' do end", "return 1 // 0", "return 1 % 0", "local a <const> = 1; a = 2", "break", "goto missing", "::a:: ::a::", "return return",
  "x = }", "x = 'unclosed", "x = [[unclosed", "--[[unclosed", "x = '\\q'", "x = '\\400'", "x = '\\u{110000000}'", "local function f() return ... end",
  "f(", "a.b:c = 1", "local 1 = 2", "if x then", "x = 0x", "x = 1e", "local t <close> = 42", "local t <other> = 1", "return " .. ("("):rep(300),
} do
  local chunk, message = load(source, "=chunk")
  if chunk then message = select(2, pcall(chunk)) end
  print(#source < 60 and source or source:sub(1, 20) .. "...", "->", message)
end
local function deep(n) if n == 0 then error("bottom") end deep(n - 1) end
print(select(2, xpcall(deep, debug.traceback, 3)))
print(select(2, pcall(string.rep, "x", 1 << 40)), select(2, pcall(setmetatable, 1, {})), select(2, pcall(ipairs)))
print(warn and "warn", select("#", warn("@on")), warn("a", "warning"), warn("@off"), warn("unseen"))
