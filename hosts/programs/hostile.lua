function spin()
  while true do pcall(spin) end
end

function fill()
  local held = {}
  while true do held[#held + 1] = ("x"):rep(1000) end
end

function match()
  return (("a"):rep(30000)):find((".-"):rep(20) .. "b")
end

function recurse()
  return 1 + recurse()
end
