-- A calculator with brackets, powers and names: what a language is made of, in two files. Run this one.
local tokens = require("tokens")

-- From loose to tight; ^ goes from right to left.
local levels = {
  { ["+"] = function(a, b) return a + b end, ["-"] = function(a, b) return a - b end },
  { ["*"] = function(a, b) return a * b end, ["/"] = function(a, b) return a / b end },
  { ["^"] = function(a, b) return a ^ b end, right = true },
}

-- Each rule of the grammar is a function that takes tokens and gives a function, which computes.
local expression, binary

local function atom(input)
  local token = input:take()
  if token.kind == "number" then
    return function() return token.value end
  elseif token.kind == "name" then
    return function(names)
      return names[token.value] or error("there is no " .. token.value, 0)
    end
  elseif token.value == "(" then
    local inner = expression(input)
    input:expect(")")
    return inner
  elseif token.value == "-" then
    -- Looser than a power: -2 ^ 2 is -4.
    local operand = binary(input, #levels)
    return function(names) return -operand(names) end
  end
  error("a number is missing before " .. token.text, 0)
end

function binary(input, level)
  local operators = levels[level]
  if not operators then
    return atom(input)
  end
  local left = binary(input, level + 1)
  while true do
    local apply = operators[input:peek().value]
    if not apply then
      return left
    end
    input:take()
    local a, b = left, binary(input, operators.right and level or level + 1)
    left = function(names) return apply(a(names), b(names)) end
  end
end

function expression(input)
  return binary(input, 1)
end

local function evaluate(text, names)
  local input = tokens.read(text)
  local compute = expression(input)
  input:expect("end")
  return compute(names)
end

local names = { pi = math.pi, x = 4 }
for _, text in ipairs({ "1 + 2 * 3", "(1 + 2) * 3", "2 ^ 3 ^ 2", "-x ^ 2 / 8", "10 - 4 - 3", "2 * pi", "1 +", "1 2", "y * 2", "3 $ 4" }) do
  local ok, result = pcall(evaluate, text, names)
  print(string.format("%-12s %s %s", text, ok and "=" or "!", ok and string.format("%.10g", result) or result))
end
