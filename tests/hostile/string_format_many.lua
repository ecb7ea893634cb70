-- format with as many arguments as fit.
local f, t = ('%d'):rep(200), {}
for i = 1, 200 do t[i] = i end
while true do f:format(table.unpack(t)) end
