-- Catastrophic backtracking: many .* in a row.
while true do (('a'):rep(500)):find(('.*'):rep(20) .. 'b') end
