-- One loop over a table, for about a second.
local t = {}
for i = 1, 2e7 do
  local k = i % 1000 + 1
  t[k] = (t[k] or 0) + i * 1.5
end
return t[1000]
