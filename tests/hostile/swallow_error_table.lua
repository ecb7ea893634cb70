-- Errors that grow as they are passed on.
while true do
  local e = {}
  for i = 1, 100 do local _, m = pcall(error, {e}) e = m end
end
