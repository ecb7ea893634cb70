-- A module of a long name, looked for along a path of many marks.
package.path = ('?'):rep(1000)
local name = ('x'):rep(1000)
while true do pcall(require, name) end
