-- string.format with a megabyte of flags.
local format = '%' .. ('0'):rep(1000000) .. 'd'
while true do pcall(string.format, format, 1) end
