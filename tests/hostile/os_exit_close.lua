-- os.exit within protected calls within a closing function.
local c <close> = setmetatable({}, {__close = function() while true do end end})
while true do pcall(function() local d <close> = c end) end
