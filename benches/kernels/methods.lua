local Account = {}
Account.__index = Account
local Savings = setmetatable({}, {__index = Account})
Savings.__index = Savings
function Account:deposit(v) self.balance = self.balance + v end
function Account:value() return self.balance end
local a, sum = setmetatable({balance = 0}, Savings), 0
for i = 1, 2000000 do a:deposit(1) sum = sum + a:value() end
return sum
