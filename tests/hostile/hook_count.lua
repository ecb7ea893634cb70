-- debug.sethook with a count does not lift the budget.
debug.sethook(function() end, '', 1)
while true do end
