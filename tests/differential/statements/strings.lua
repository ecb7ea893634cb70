for w in cut({s}):gmatch({p}) do out(w) end
;;
try(function() for a, b in cut({s}):gmatch({p}) do out(a, b) end end) try(string.gmatch, {s}, {p}, {k})
;;
try(string.find, cut({s}), {p}, {k}) try(string.match, cut({s}), {p}) try(string.gsub, cut({s}), {p}, {r}) try(string.gsub, cut({s}), {p}, {F}) try(string.gsub, cut({s}), {p}, {t}, {k}) try(string.find, {s}, {p}, {i})
;;
{P}
;;
{P}
;;
{P}
;;
try(string.unpack, {w}, {s}, {k}) try(string.packsize, {w}) try(string.pack, {w}, {S}, {S}) try(string.unpack, "z", {s}) try(string.unpack, "s1", {s}) try(string.unpack, "<i3>I2", {s}, {k}) try(string.pack, "i17", 1) try(string.pack, "!3 i4", 1) try(string.pack, "z", "a\0b") try(string.packsize, "c2147483647c2") try(string.unpack, "c0", "", {i})
;;
try(string.pack, "i{j}", {i}) try(string.pack, "I{j}", {i}) try(string.unpack, "<i{j}", ("\255"):rep({k}) .. {s}) try(string.pack, ">!{k}i{k}Xi{k}", {i})
;;
try(string.format, {s}, {S}, {S}) try(string.format, "%" .. {a}, {S}) try(string.format, "x%" .. {a} .. "y%" .. {a}, {S}, {S}) try(string.format, "%5", 1) try(string.format, "%-+ #0d", {i}) try(string.format, "%100d", 1) try(string.format, "%.100f", 1) try(string.format, "%q", {t}) try(string.format, "%5q", "x") try(string.format, "%d", {n}) try(string.format, "%x", {S}) try(string.format, "%c%c", 0, {i})
;;
out({q}, {q}) out({q}) out({q}, {q}, {q})
;;
out({q}) out({q}, {q}) print({q})
;;
out(tonumber({D}), tonumber({N}), tonumber({s}), tonumber({D} .. " "), tonumber("0x" .. {D}), tonumber({D}, {B}), math.tointeger({N}))
;;
out({N} + 0, {N} * 1) try(function() return {s} + 1 end) try(function() return {D} // {k} end) try(function() return {N} | 0 end) try(function() return {D} .. {N} end) try(function() return - {N}, {N} % 3 end) try(function() return {N} < {D}, {N} == {D} end)
;;
for p, c in utf8.codes({u}) do out(p, c) end out(utf8.len({u}), utf8.offset({u}, {k}), utf8.offset({u}, - {k}))
;;
try(function() for p, c in utf8.codes({s} .. "\xff\xe4") do out(p, c) end end) try(utf8.len, {s} .. "\xc0\x80", {k}) try(utf8.codepoint, {u}, {i}) try(utf8.codepoint, {u}, 1, -1) try(utf8.char, {i}) try(utf8.char, {c}, {c}) try(utf8.offset, {u}, {k}, {k}) try(utf8.len, "\xf4\x90\x80\x80", 1, -1, {b}) try(utf8.codes, {S})
;;
local b$ = {} for i = 1, {j} do b$[#b$ + 1] = ({s}):sub({k}, i) end out(table.concat(b$, {s}))
;;
out(({s}):byte(1, -1)) out(({s}):rep({k}, {s})) out(#{s}, {s} < {s}, {s} == {s}, ({s}):sub({i}, {i}))
;;
out({f}, {f}, {f}) print({n}, {n}, {f}, {i}) io.write({n}, " ", {f}, " ", {s}, "\n") out({f} == tonumber(("%.17g"):format({f})))
;;
try(string.gsub, {s}, "", {s}) try(string.gsub, {s}, ".", {t1}) try(string.gsub, "abc", "%w", "%1%0%%") try(string.gsub, "abc", "(b)(", "x") try(string.gsub, "abc", "(a)", "%2") try(string.rep, {s}, {k}, {S}) try(string.gsub, "abc", ".", function() return {v} end)
;;
try(string.find, ("a"):rep(50), ("a?"):rep(8) .. ("a"):rep(8)) try(string.match, "THE (quick) fox", "%((%a+)%)") try(string.find, "abc", "b", -{k}) try(string.match, "key = value", "^(%w+)%s*=%s*(%w+)$") try(string.find, ("x"):rep(40), ("(x)"):rep(33))
