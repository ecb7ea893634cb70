-- Keys that are meant to collide: floats and integers of one residue.
local t = {}
local i = 0
while true do i = i + 1 t[i * 65536.5] = true t[(i << 32) + 1] = true end
