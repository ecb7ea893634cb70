-- Many files, open at once. (ERRRUN)
local t = {}
while true do t[#t + 1] = assert(io.tmpfile()) end
