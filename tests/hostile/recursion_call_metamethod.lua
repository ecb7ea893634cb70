-- __call whose __call is itself. (ERRRUN)
local t = {}
setmetatable(t, {__call = t})
t()
