-- Repeated items before what must come next, may come next, or cannot come at all.
local patterns = {
  "^(.-):%d+: ", "(.-)%.", "(.*):", "(%a*)e", "([^,]-),", "(.-)()x", "%s-%a-(%d)", "(.-)(%d)", "((.-)b)c", ".*%%", "(.-)$", ".-$",
  "[a-z]*z", "%w*%-", "(.*)()q", "a.-b", "^%s*(.-)%s*$", "(.+)=", "x*-y", "(.-)a-b", ".-[x]", "(.-)", "%f[%a].-%.", "(.-)+", ".*%z",
}
local subjects = {
  "bad 12:34: thing", "a.b.c,def,ghi  foo=bar=", "   spaced   ", "aaaaaaaaab", "xxxxyxx-yy%", "\0\0zz", "", "1+2+3", ("ab"):rep(40) .. "c",
}

local function shown(...)
  local texts = table.pack(...)
  for i = 1, texts.n do texts[i] = tostring(texts[i]):gsub("[%z%c]", function(c) return "\\" .. c:byte() end) end
  return table.concat(texts, " ", 1, texts.n)
end

for _, pattern in ipairs(patterns) do
  for _, subject in ipairs(subjects) do
    local found = {}
    for a, b in subject:gmatch(pattern) do found[#found + 1] = shown(a, b) end
    print(shown(pattern, subject:find(pattern)), shown(subject:gsub(pattern, "<%0>")), #found, found[#found])
  end
end
