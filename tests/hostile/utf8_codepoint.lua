-- utf8.codepoint and utf8.char of many characters.
local s = ('\u{10ffff}'):rep(5000)
while true do utf8.char(utf8.codepoint(s, 1, -1)) end
