-- An array that is filled at its end and emptied at its front.
local t, i = {}, 0
while true do i = i + 1 t[i] = i t[i - 10000] = nil end
