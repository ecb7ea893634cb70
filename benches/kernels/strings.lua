local n = 0
for i = 1, 100000 do
  local s = ('%d:%s'):format(i, 'name')
  n = n + #s:upper() + #s:sub(2, 5) + (s:find(':', 1, true))
end
return n
