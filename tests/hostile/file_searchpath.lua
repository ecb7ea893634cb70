-- package.searchpath with long arguments.
local name = ('x.'):rep(20000)
while true do package.searchpath(name, '?;?;?', '.', '////') end
