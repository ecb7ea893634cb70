-- print without end. (ERRRUN)
while true do print('line') end
