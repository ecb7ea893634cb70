-- 900, short 6: searching, by plain text and by patterns
local rounds = tonumber(arg[1])

local text = ("abcdefghij klmno pqrst uvwxyz 0123456789 "):rep(100) .. "needle=42;"
local sum = 0
for _ = 1, rounds do
  sum = sum + text:find("needle", 1, true)
  sum = sum + text:find("n%l+=(%d+)")
  sum = sum + #text:match(".-(%d+);$")
  sum = sum + text:find("[^%w%s]")
  local at, count = 1, 0
  while true do
    local from, to = text:find("%d+", at)
    if not from then break end
    at, count = to + 1, count + 1
  end
  sum = sum + count + (text:find("nowhere", 1, true) or 1) + #text:match("^(.-)%s")
end
print(sum)
