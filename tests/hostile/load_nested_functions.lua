-- load of nested functions, in each of which a global's name is looked for.
local s = ('return function() local a, b, c '):rep(150) .. (' x = y'):rep(1000) .. (' end'):rep(150)
while true do load(s) end
