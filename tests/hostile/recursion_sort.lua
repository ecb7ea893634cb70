-- Recursion through C: a comparator that sorts.
local function f() pcall(table.sort, {3, 1, 2}, f) return false end
while true do f() end
