-- A set of ranges and classes.
local s, set = ('!'):rep(50000), '[' .. ('%a0-9'):rep(10000) .. ']+'
while true do s:find(set) end
