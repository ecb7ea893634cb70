-- Many files, each looked up by its name.
local n = 0
while true do
  n = n + 1
  local f = io.open('file' .. n, 'w')
  if f then f:close() else n = 0 end
end
