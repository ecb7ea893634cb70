-- Raises an error in the script that Ctrl-C interrupts, before its next instruction.
local sethook, error = debug.sethook, error
local thread = debug.getregistry()["moonlet.thread"]
sethook(thread, function()
  sethook(thread)
  error("interrupted!", 2)
end, "crl", 1)
