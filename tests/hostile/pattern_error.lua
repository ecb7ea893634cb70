-- Patterns that are wrong, swallowed.
while true do pcall(string.find, 'a', '[') pcall(string.find, 'a', '%') pcall(string.rep('(', 40).find, 'a', ('('):rep(40)) end
