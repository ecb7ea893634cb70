function greet(name)
  return "Hello, " .. name .. ", from " .. _VERSION
end

return 6 * 7
