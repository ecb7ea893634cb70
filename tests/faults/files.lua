local f, why = io.open("one", "w")
if not f then return "no file", why end
f:setvbuf("full", 1024)
for i = 1, 30 do local ok, why = f:write("line ", i, " ", i / 4, "\n") if not ok then f:close() return "no line", why end end
f:close()
local lines = {}
for line in io.lines("one") do lines[#lines + 1] = line end
for number, rest in io.lines("one", 5, "L") do lines[#lines + 1] = number .. rest end
local g, why = io.open("one", "r+")
if not g then return "no second", why end
g:seek("end") g:write(("x"):rep(3000)) g:seek("set", 3)
local n, all = g:read("n", "a")
g:close()
local t, why = io.tmpfile()
if not t then return "no temporary", why end
t:write(("y"):rep(500)) t:seek("set")
local half = t:read(250)
print(#lines, n, all and #all, #half, os.rename("one", "two"), io.open("missing"))
local m, why = io.open("dir/module.lua", "w")
if not m then return "no module", why end
m:write("return {name = ..., value = 42}") m:close()
package.path = "./dir/?.lua"
local ok, module = pcall(require, "module")
print(ok, ok and module.value or module, loadfile("dir/module.lua"), pcall(dofile, "dir/module.lua"))
io.output("three") io.write("output") io.close() io.output(io.stdout)
io.input("two") local first = io.read("l", "n", 10) io.close(io.input()) io.input(io.stdin)
io.stderr:write("to stderr\n")
print(io.type(t), io.read(), t)
return first, os.remove("two"), os.remove("three"), os.remove("dir/module.lua"), os.remove("one")
