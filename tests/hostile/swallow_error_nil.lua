-- Errors without a value.
while true do pcall(error) pcall(error, nil) xpcall(error, error) end
