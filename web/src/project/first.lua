-- Run it, step, pause,
-- and go back in the timeline below.
print("Hello from " .. _VERSION)

local function primes(limit)
  local found, composite = {}, {}
  for n = 2, limit do
    if not composite[n] then
      found[#found + 1] = n
      for multiple = n * n, limit, n do
        composite[multiple] = true
      end
    end
  end
  return found
end

small = primes(50)
print(#small .. " primes below 50: " .. table.concat(small, ", "))

-- What a script returns can be opened below. The line under the
-- console takes statements: small[3], or prompt("Who?").
return {version = _VERSION, primes = small, generate = primes}
