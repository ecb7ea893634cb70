-- load of what claims to be precompiled.
local s = '\27Lua' .. ('x'):rep(100000)
while true do load(s) load(string.dump(function() end)) end
