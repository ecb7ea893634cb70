-- Long strings as keys.
local t, s = {}, ('x'):rep(500000)
local i = 0
while true do i = i + 1 t[s .. i] = nil local x = t[s .. i] end
