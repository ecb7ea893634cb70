for _, x in ipairs {0, -0.0, 1, -1, 0.1, 1 / 3, 1e15, 1e16, 123456789012345, 1e100, 2 ^ 53, 2 ^ 63, -2 ^ 63, 5e-324,
                    2.2250738585072014e-308, 1.7976931348623157e308, math.pi, 100 / 3, 1e-7} do
  print(string.format("%.14g|%.17g|%g|%e|%a", x, x, x, x, x), math.type(x))
end
for _, s in ipairs {"10", " 10 ", "0x10", "1e1", "0x.8", "0xA.8p2", "1e400", "-1e-400", "0x1p-1074", "1 2", "", "0x", "1e", "inf",
                    "nan", "9223372036854775807", "9223372036854775808", "0xffffffffffffffff", "1_000"} do
  io.write(s, " ", tostring(tonumber(s)), "; ")
end
print()
print(tonumber("zz", 36), tonumber("1010", 2), tonumber("8", 8), tonumber("-ff", 16), tonumber("7fffffffffffffff", 16))
print(7 // 2, -7 // 2, 7 // -2, 7 % -2, -7 % 2, 7.5 // 2, -7.5 % 2, 5 // 0.0, -5 % math.huge)
print(1 << 63, 1 << 64, 1 >> 1, -1 >> 60, 1 << -1, 3 & 5.0, 3 | 8, 3 ~ 5, ~0)
print(math.tointeger(3.0), math.tointeger(3.5), math.tointeger("8"), 3 | 0, pcall(function() return 3.5 | 0 end))
print(math.maxinteger + 1 == math.mininteger, math.maxinteger * 2.0, math.mininteger // -1, math.mininteger % -1)
print(math.floor(-3.5), math.ceil(-3.5), math.fmod(-7, 3), math.fmod(7, -3.0), math.modf(-3.7))
print(math.ult(1, -1), math.abs(math.mininteger), math.max(1, 2.5), math.min(3), pcall(math.max))
print(1 == 1.0, math.maxinteger + 0.0 == math.maxinteger, 2 ^ 53 == 2 ^ 53 + 1, "10" + 5, "0x10" * 2, 10 .. 20)
print(string.format("%.3f %.3f %.10f", math.sin(1), math.cos(1), math.exp(1)), math.log(8, 2), math.log(100, 10), math.sqrt(2))
for i = math.maxinteger - 1, math.maxinteger do io.write(i, " ") end
for x = 1.0, 2.0, 0.25 do io.write(x, " ") end
print(pcall(function() for i = 1, 10, 0 do end end))
