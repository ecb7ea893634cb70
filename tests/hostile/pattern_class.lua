-- All classes against a long text.
local s = ('\0'):rep(10000)
while true do s:find('%a') s:find('%w%p') s:find('[%s%c]+%x') end
