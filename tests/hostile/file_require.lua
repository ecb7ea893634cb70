-- A module that is not there, looked for along a long path.
package.path = ('?.lua;'):rep(2000)
while true do pcall(require, 'x') end
