-- Maps of nils, which end up empty and are marked.
local s = '\xdd\0\0\x27\x10' .. ('\x82\xa1a\xc0\xa1b\xc0'):rep(10000)
while true do msgpack.decode(s) end
