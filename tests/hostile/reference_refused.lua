-- A reference used where the host cannot be asked.
local function use() return reference.x end
while true do pcall(string.gsub, 'a', '.', use) end
