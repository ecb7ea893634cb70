print(("hello"):sub(2, -2), ("hello"):sub(-3), ("hello"):sub(0), ("hello"):sub(10), ("x"):byte(1, 5), ("abc"):byte(-1))
print(("Hello"):upper(), ("Hello"):lower(), ("abc"):reverse(), ("ab"):rep(3, ","), #("\0\1\2"), string.char(72, 105))
print(string.format("%5s|%-5s|%.2s|%c|%i|%+d|% d|%05d|%#x|%X|%o", "ab", "ab", "abc", 65, 42, 42, 42, -42, 255, 255, 8))
print(string.format("%q %q %q %q", "a\n\0b\"\\", 1 / 3, math.mininteger, 255))
print(string.format("%10.4f|%-10.2e|%G|%g|%%", math.pi, 12345.678, 1e-10, 100000000000000))
print(pcall(string.format, "%d", 1.5), pcall(string.format, "%y", 1), pcall(string.format, "%d"))
print(("one two  three"):find("(%w+)%s+(%w+)"), ("a.b"):find(".", 1, true), ("abc"):find("b", -1), ("abc"):find("", 10))
print(("key = value"):match("^(%w+)%s*=%s*(%w+)$"), ("[[x]]"):match("%[(%b[])%]"), ("THE (quick) fox"):find("%((%a+)%)"))
print(("hello world"):gsub("o", "0", 1), ("abc"):gsub("%w", "%0%0"), ("abc"):gsub("", "-"), ("hello"):gsub("l", {l = "L"}))
print(("THE (quick) fox"):gsub("%f[%a]%a+", function(w) return #w > 3 and w:upper() end))
for k, v, at in ("a=1, b=2"):gmatch("(%w)=(%d)()") do io.write(k, v, "@", at, " ") end
print()
print(pcall(string.rep, "x", -1), pcall(string.gsub, "x", "(", ""), pcall(string.find, "x", "[a"), pcall(string.gsub, "x", "x", "%2"))
print(string.pack("<i4 >I2 z s1", 1, 2, "zero", "len"):byte(1, -1))
print(string.unpack("<i4 >I2 z s1", "\1\0\0\0\0\2zero\0\3len"))
print(string.packsize("!8 i4 i8 d"), pcall(string.pack, "i17", 1), string.unpack("<d", string.pack("<d", 0.1)))
print(utf8.char(72, 228, 8364, 128512), utf8.len("häß€"), utf8.codepoint("€", 1), utf8.offset("a€b", 3), utf8.len("\xff"))
for p, c in utf8.codes("aé€") do io.write(p, ":", c, " ") end
print(#utf8.charpattern)
print("a" < "b", "a" < "B", "" < "a", "a\0b" < "a\0c", "Z" < "a", "10" < "9")
print(tostring(nil), tostring(true), tostring("x"), #tostring(print) > 0)
print(("%d items"):format(3), ("x"):len(), "\u{48}\x49\74\z
       K", 'single', [[
long]], [==[with ]] inside]==])
