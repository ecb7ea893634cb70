-- utf8.codes over bytes that continue a character.
local s = 'x' .. ('\x80'):rep(1000000)
while true do pcall(function() for _ in utf8.codes(s, true) do end end) end
