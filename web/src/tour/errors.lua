-- pcall runs a function and says whether it went well; an error is a value as any other.
local function divide(a, b)
  if b == 0 then
    error("division by zero")
  end
  return a / b
end

print(pcall(divide, 10, 4))
print(pcall(divide, 10, 0))

-- Any value can be raised: a table tells more than a text.
local function withdraw(account, amount)
  if amount > account.balance then
    error({ kind = "poor", missing = amount - account.balance })
  end
  account.balance = account.balance - amount
end

local account = { balance = 100 }
local ok, problem = pcall(withdraw, account, 130)
print(ok, problem.kind, problem.missing, account.balance)

-- What a failure leaves open, <close> closes, in reverse order, whichever way the block is left.
local function resource(name)
  print("open  " .. name)
  return setmetatable({}, {
    __close = function(_, reason)
      print("close " .. name .. (reason and " after an error" or ""))
    end,
  })
end

local function work(fails)
  local outer <close> = resource("outer")
  local inner <close> = resource("inner")
  if fails then
    error("it broke", 0)
  end
  return "done"
end

print(pcall(work, false))
print(pcall(work, true))

-- xpcall sees the stack before it is gone, where the error happened.
local _, trace = xpcall(divide, function(message)
  return debug.traceback(message, 2)
end, 1, 0)
print(trace:match("^[^\n]+"))
print(trace:match("errors.lua:%d+: in [^\n]+"))

-- An error that nobody catches ends the program. The editor marks its line, and the traceback can be clicked.
local missing
print(missing.field)
