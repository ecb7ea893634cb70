-- Conway's Game of Life on the canvas. A cell lives on with two or three neighbours, and is born with three.
local width, height, cell = 64, 48, 8

-- A row of cells, and a board as a list of rows.
local function board(alive)
  local rows = {}
  for y = 1, height do
    rows[y] = {}
    for x = 1, width do
      rows[y][x] = alive(x, y)
    end
  end
  return rows
end

-- The board is a torus: its edges meet.
local function neighbours(rows, x, y)
  local count = 0
  for dy = -1, 1 do
    local row = rows[(y + dy - 1) % height + 1]
    for dx = -1, 1 do
      if (dx ~= 0 or dy ~= 0) and row[(x + dx - 1) % width + 1] then
        count = count + 1
      end
    end
  end
  return count
end

local function step(rows)
  return board(function(x, y)
    local count = neighbours(rows, x, y)
    return count == 3 or count == 2 and rows[y][x]
  end)
end

-- Seven cells that fill the board for a long time.
local acorn = { { 0, 2 }, { 1, 0 }, { 1, 2 }, { 3, 1 }, { 4, 2 }, { 5, 2 }, { 6, 2 } }
local start = {}
for _, place in ipairs(acorn) do
  start[(place[2] + 22) * width + place[1] + 28] = true
end

local rows = board(function(x, y)
  return start[y * width + x] or false
end)

canvas.size(width * cell, height * cell)

local turn = 0
repeat
  local population = 0
  canvas.clear("#101626")
  canvas.color("#ffd36b")
  for y = 1, height do
    for x = 1, width do
      if rows[y][x] then
        population = population + 1
        canvas.rect((x - 1) * cell, (y - 1) * cell, cell - 1, cell - 1)
      end
    end
  end
  canvas.color("#9fb4e8")
  canvas.text(8, 20, "turn " .. turn .. ", " .. population .. " cells; Escape ends", 14)
  -- The script waits here for the screen; each frame is a moment of the timeline.
  local _, keys = canvas.frame()
  rows = step(rows)
  turn = turn + 1
until keys.Escape or population == 0

print("ended at turn " .. turn)
