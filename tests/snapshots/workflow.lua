-- A workflow of the kind that must go on after a crash: bookings at the host, between them some work.
local book = host.define("book")
local total = 0
local accounts = coroutine.wrap(function()
  for account = 1, 8 do
    for entry = 1, 3 do coroutine.yield(account, book(account, entry, total)) end
  end
end)
for account, amount in accounts do
  for i = 1, 150 do total = (total * 31 + amount + i) % 1000003 end
  print(account, amount, total)
end
return total
