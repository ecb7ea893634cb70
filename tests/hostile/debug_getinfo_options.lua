-- debug.getinfo with a megabyte of options.
local options, wrong = ('n'):rep(1000000), ('S'):rep(1000000) .. '!'
while true do debug.getinfo(1, options) pcall(debug.getinfo, 1, wrong) end
