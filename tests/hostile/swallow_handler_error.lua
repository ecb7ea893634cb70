-- A message handler that fails, and so handles its own errors.
while true do xpcall(error, function(m) error(m) end) end
