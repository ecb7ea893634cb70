-- utf8.offset over bytes that all continue a character.
local s = ('\x80'):rep(1000000)
while true do pcall(utf8.offset, s, 0, 1000000) pcall(utf8.offset, s, 1, 1000000) pcall(utf8.offset, s, 0) end
