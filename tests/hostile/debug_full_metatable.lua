-- The metatable of strings is a trap.
debug.setmetatable('', {__index = function(s, k) return s[k .. 'x'] end})
while true do pcall(function() return (''):x() end) end
