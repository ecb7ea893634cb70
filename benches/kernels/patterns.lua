local text, n = ('the quick brown fox jumps over the lazy dog 12345 '):rep(200), 0
for round = 1, 10 do
  for word in text:gmatch('%a+') do n = n + #word end
  n = n + select(2, text:gsub('(%w+) (%w+)', '%2 %1')) + #text:match('.-(%d+) $')
end
return n
