local s = ("The quick brown fox "):rep(30)
local words = {}
for w in s:gmatch("%a+") do words[#words + 1] = w:upper() end
local g, n = s:gsub("(%w+) (%w+)", "%2 %1")
local f = s:gsub("%a+", function(w) return #w > 4 and w:reverse() end)
local h = s:gsub("%w+", {quick = "slow", fox = ("dog"):rep(20)})
local p = string.pack("<i4 s2 z d !8 i16", 7, s, "zero", 1.5, -1)
local q = ("%q %s %10.3f %-20s| %x %a %c"):format(s, words[1], 1.25, "left", 255, 0.5, 65)
local d = string.dump(function(a) return a .. s end)
print(#g, n, #f, #h, #p, #q, #d > 0, string.unpack("<i4 s2", p))
print(utf8.char(228, 8364, 0x10FFFF), utf8.len("äöü"), utf8.codepoint("äöü", 1, -1))
for p, c in utf8.codes("äöü") do io.write(p, " ", c, " ") end
return s:byte(1, 100), s:find("brown", 1, true), s:rep(3, "-"):len(), tostring(1e15), 2^53 .. "", 10 // 3 .. ""
