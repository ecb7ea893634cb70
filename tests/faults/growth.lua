local kept = {}
for i = 1, 400 do kept[i] = {("string %d"):format(i), i} end
local big = ("0123456789abcdef"):rep(2048)
local joined = {}
for i = 1, 16 do joined[i] = big .. i end
local all = table.concat(joined)
local map = {}
for i = 1, 600 do map["name" .. i] = i end
for i = 1, 600, 2 do map["name" .. i] = nil end
local f, why = io.tmpfile()
if not f then return "no file", why end
local ok, why = f:write(all)
f:close()
if not ok then return "not written", why end
collectgarbage()
print(#all, #kept, next(map) ~= nil)
io.write(big:sub(1, 2000), "\n")
return #big:gsub("00", "0"), #all
