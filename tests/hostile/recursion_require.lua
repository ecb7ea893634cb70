-- A module whose loader asks for a module, and so on.
local n = 0
local function loader(name) n = n + 1 pcall(require, 'module' .. n) return true end
table.insert(package.searchers, 1, function() return loader end)
while true do pcall(require, 'start' .. n) end
