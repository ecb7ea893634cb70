-- 650, short 5: objects with methods, one class derived from another
local rounds = tonumber(arg[1])

local Account = {}
Account.__index = Account
function Account.new(class, balance) return setmetatable({ balance = balance }, class) end
function Account:deposit(amount) self.balance = self.balance + amount end
function Account:value() return self.balance end
function Account:withdraw(amount)
  if amount > self.balance then return false end
  self.balance = self.balance - amount
  return true
end

local Savings = setmetatable({}, { __index = Account })
Savings.__index = Savings
function Savings:interest() self:deposit(self:value() // 100) end

local sum = 0
for _ = 1, rounds do
  local plain, savings = Account:new(10), Savings:new(1000)
  for i = 1, 3000 do
    plain:deposit(i % 7)
    if plain:withdraw(5) then savings:deposit(5) end
    if i % 100 == 0 then savings:interest() end
    sum = sum + savings:value() % 3
  end
  sum = (sum + plain:value() + savings:value()) % 1000003
end
print(sum)
