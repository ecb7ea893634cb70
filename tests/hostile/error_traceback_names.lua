-- Tracebacks that look for names in large modules.
for i = 1, 20000 do string['f' .. i] = i end
local function f() return debug.traceback() end
while true do string.gsub('x', 'x', f) end
