-- Catastrophic backtracking: many .- in a row.
while true do (('a'):rep(500)):match(('.-'):rep(20) .. 'b') end
