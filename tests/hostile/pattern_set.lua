-- One long set against a long text.
local s, set = ('a'):rep(200000), '[' .. ('b'):rep(200000) .. ']'
while true do s:find(set) end
