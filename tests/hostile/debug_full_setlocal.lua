-- A loop's own variables changed from outside.
for i = 1, 10 do debug.setlocal(1, 4, 1) while true do debug.setlocal(1, 1, 0) end end
