-- pcall of C functions only.
while true do pcall(pcall, pcall, error) end
