-- Eight queens on a board, none of which attacks another. Each row has one, so a board is a list of columns.
local size = 8

local function isfree(board, row, column)
  for r = 1, row - 1 do
    local c = board[r]
    if c == column or math.abs(c - column) == row - r then
      return false
    end
  end
  return true
end

local solutions, tried = 0, 0
local first

-- Places a queen in a row, then those of the rows below; comes back to try the next column.
local function place(board, row)
  if row > size then
    solutions = solutions + 1
    first = first or { table.unpack(board) }
    return
  end
  for column = 1, size do
    tried = tried + 1
    if isfree(board, row, column) then
      board[row] = column
      place(board, row + 1)
      board[row] = nil
    end
  end
end

place({}, 1)

for row = 1, size do
  local line = {}
  for column = 1, size do
    line[column] = first[row] == column and "Q" or "."
  end
  print(table.concat(line, " "))
end
print(solutions .. " solutions, " .. tried .. " squares tried")
