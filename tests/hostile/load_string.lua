-- load of a long string with escapes.
local s = 'return "' .. ('\\x41\\u{42}\\z   '):rep(20000) .. '"'
while true do load(s) end
