-- A number of many digits.
local s = ('9'):rep(190)
while true do local n = tonumber(s), tonumber('0x' .. s), s + 0 end
