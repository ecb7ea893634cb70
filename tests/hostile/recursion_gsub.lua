-- Recursion through C: a callback of gsub, the error swallowed.
local function f() return pcall(string.gsub, 'xx', 'x', f) end
while true do f() end
