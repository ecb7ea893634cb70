-- load of a long bracket whose ends are almost right.
local s = 'return [=[' .. (']'):rep(500000) .. ']=]'
while true do load(s) end
