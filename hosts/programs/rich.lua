-- What the chain carries: a computation that waits for its host in a coroutine, in pcall, under a variable that is to be closed, with
-- values that a careless codec would change.
local hops = ... or 3
local closed, hosts = 0, {}
local values = {math.mininteger, math.maxinteger, "\0\255\xC3(", 0.1, -0.0, "Grüße"}

local function same(a, b)
  return math.type(a) == math.type(b) and a == b and (a ~= 0 or math.type(a) == "integer" or 1 / a == 1 / b)
end

local function step(number)
  local guard <close> = setmetatable({}, {__close = function() closed = closed + 1 end})
  local answers = table.pack(ask(number, table.unpack(values)))
  assert(answers.n == #values + 1, "the host answers its name and every value that it was given")
  for i = 1, #values do assert(same(answers[i + 1], values[i]), "value " .. i .. " came back as another") end
  hosts[#hosts + 1] = answers[1]
end

step(1)
local inner = coroutine.wrap(function()
  for number = 2, hops do
    assert(pcall(step, number))
    coroutine.yield(number)
  end
  error("done", 0)
end)
for number = 2, hops do assert(inner() == number) end
assert(select(2, pcall(inner)) == "done")
return table.concat(hosts, ", ") .. "; closed " .. closed .. " times"
