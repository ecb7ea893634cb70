-- package.searchpath with a long name and a long separator that nearly stands in it.
local name, separator = ('a'):rep(200000), ('a'):rep(100000) .. 'b'
while true do package.searchpath(name, '', separator, '') end
