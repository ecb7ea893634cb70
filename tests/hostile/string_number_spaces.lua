-- A number in a megabyte of spaces.
local s = (' '):rep(1000000) .. '1'
while true do local n = tonumber(s), s + 1, s * s end
