-- setmetatable and getmetatable in a loop.
local t, meta = {}, {__index = {}, __metatable = nil}
while true do setmetatable(t, meta) getmetatable(t) end
