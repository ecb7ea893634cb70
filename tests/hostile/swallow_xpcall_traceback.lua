-- A traceback for each error.
while true do xpcall(error, debug.traceback, 'x') end
