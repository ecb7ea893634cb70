-- Errors of a C function, whose name is looked for in all modules.
for i = 1, 20000 do package.loaded['m' .. i] = {} end
while true do pcall(string.rep) end
