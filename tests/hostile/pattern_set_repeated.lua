-- A long set repeated in one match step.
local s, set = ('a'):rep(200000), '^[^' .. ('b'):rep(200000) .. ']*$'
while true do s:find(set) end
