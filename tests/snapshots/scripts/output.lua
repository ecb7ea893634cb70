-- More than the output holds.
for i = 1, 30 do
  print(i, ("x"):rep(5 * i), math.random())
  if i % 10 == 0 then io.write("asked: ", host.call("ask", i), "\n") end
end
