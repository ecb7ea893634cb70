-- Open files, one of which holds what it has not written yet.
local file = assert(io.open("log", "w"))
file:setvbuf("full", 64)
for i = 1, 8 do
  file:write("line ", i, " of ", host.call("ask", "line", i), "\n")
end
file:close()
for line in io.lines("log") do
  print(line, (host.call("ask", line)))
end
return require("module").value, os.date("!%c", 0), math.random(1000)
