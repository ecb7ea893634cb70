-- Tables whose size is asked for beforehand. (ERRRUN)
local make = table.create or function(n) return table.pack(table.unpack({}, 1, n)) end
while true do make(100000) end
