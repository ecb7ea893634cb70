function index(order)
  return order.customer.name
end

function refuse()
  error({code = 7, reason = "no such order"})
end

function fill()
  local held = {}
  while true do held[#held + 1] = ("x"):rep(1000) end
end
