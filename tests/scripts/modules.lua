local function file(name, text) local f = assert(io.open(name, "w")) f:write(text) f:close() end
file("counter.lua", "local n = 0 return {next = function() n = n + 1 return n end, name = ...}")
file("pkg/init.lua", "return 'package ' .. ...")
file("pkg/part.lua", "return require('pkg') .. ' part'")
file("bad.lua", "return = 1")
file("failing.lua", "error('while loading')")
file("loop.lua", "return require('loop')")
local counter = require("counter")
print(counter.next(), require("counter").next(), counter.name, package.loaded.counter == counter)
print(require("pkg"), require("pkg.part"), select(2, require("pkg.part")))
print(pcall(require, "bad"))
print(pcall(require, "failing"))
print((pcall(require, "loop")))
print(package.searchpath("pkg.part", package.path), package.searchpath("x", "./?.a;./?.b"))
package.preload.virtual = function(name, extra) return {name, extra} end
print(table.unpack(require("virtual")))
table.insert(package.searchers, 2, function(name) if name == "magic" then return function() return "found" end end return "\n\tno magic" end)
print(require("magic"), (select(2, pcall(require, "nothing"))))
print(load("return ...", "chunk", "t", {})(7), load(function() return nil end), load("x = 1", "=name", "b"))
local env = {}
load("y = 5", "env", "t", env)()
print(env.y, y)
local parts = {"return ", "1 ", "+ 2"}
print(load(function() return table.remove(parts, 1) end)())
