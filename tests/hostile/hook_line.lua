-- A hook for lines that never ends.
debug.sethook(function() while true do end end, 'l')
while true do end
