-- 12, short 8: queens on a board, by recursion over arrays of booleans
local n = tonumber(arg[1])

local columns, rising, falling, found, sum = {}, {}, {}, 0, 0
local function place(row, code)
  if row > n then
    found, sum = found + 1, (sum + code) % 65521
    return
  end
  for column = 1, n do
    local up, down = row + column, row - column + n
    if not (columns[column] or rising[up] or falling[down]) then
      columns[column], rising[up], falling[down] = true, true, true
      place(row + 1, (code * n + column) % 65521)
      columns[column], rising[up], falling[down] = false, false, false
    end
  end
end
place(1, 0)
print(found, sum)
