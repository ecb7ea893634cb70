-- An error message from a type's long __name.
local t = setmetatable({}, {__name = ('x'):rep(1000000)})
while true do pcall(string.rep, t) tostring(t) end
