-- Keys that cannot be, swallowed.
while true do pcall(rawset, {}, 0/0, 1) pcall(rawset, {}, nil, 1) end
