-- 1100, short 9: the game of life on a board of integers
local generations = tonumber(arg[1])
local width, height = 64, 64

local function board()
  local rows = {}
  for y = 1, height do
    rows[y] = {}
    for x = 1, width do rows[y][x] = 0 end
  end
  return rows
end

local cells, next = board(), board()
for i, row in ipairs({ ".##", "##.", ".#." }) do
  for x = 1, 3 do cells[height // 2 + i][width // 2 + x] = row:sub(x, x) == "#" and 1 or 0 end
end

for _ = 1, generations do
  for y = 1, height do
    local above, here, below = cells[(y - 2) % height + 1], cells[y], cells[y % height + 1]
    local row = next[y]
    for x = 1, width do
      local l, r = (x - 2) % width + 1, x % width + 1
      local sum = above[l] + above[x] + above[r] + here[l] + here[r] + below[l] + below[x] + below[r]
      row[x] = (sum == 3 or sum == 2 and here[x] == 1) and 1 or 0
    end
  end
  cells, next = next, cells
end

local alive, code = 0, 0
for _, row in ipairs(cells) do
  for x, cell in ipairs(row) do
    alive = alive + cell
    code = (code * 31 + cell * x) % 65521
  end
end
print(alive, code)
