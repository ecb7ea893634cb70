-- __close that opens one more, without a protected call. (ERRRUN)
local function open() return setmetatable({}, {__close = function() local c <close> = open() end}) end
local c <close> = open()
