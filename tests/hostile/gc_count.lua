-- The collector asked for figures.
while true do collectgarbage('count') collectgarbage('isrunning') end
