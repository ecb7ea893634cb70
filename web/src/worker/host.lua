-- The playground's host functions, as globals of every script. Each that waits is a host call; drawing is collected here, and
-- goes to the page with the frame, so that a picture of a thousand parts is one call.

local host, select, type, error, tostring = host, select, type, error, tostring
local floor, pack = math.floor, table.pack

--- sleep(seconds) waits.
sleep = host.define("sleep")

--- prompt(question) asks in the page: the text, or nil where the question was dismissed.
prompt = host.define("prompt")

--- fetch(path) is the text of a file of this site.
fetch = host.define("fetch")

--- key() waits for a key: its name, as "a", "ArrowLeft" or "Enter".
key = host.define("key")

--- A picture in the page.
canvas = {}

-- Names and values of one picture, at most: the page draws them between two frames.
local MOST = 200000

local drawn, count = {}, 0
-- What of the picture that is drawn now outlasts canvas.clear.
local width, height, ink

local function add(...)
  local n = select("#", ...)
  if count + n > MOST then error("the picture has too many parts; canvas.frame() shows it, canvas.clear() begins anew", 3) end
  local values = pack(...)
  for i = 1, n do drawn[count + i] = values[i] end
  count = count + n
end

local function number(value, name)
  if type(value) ~= "number" or value ~= value then
    error("the canvas takes a number as " .. name .. ", not " .. type(value), 3)
  end
  return value
end

--- Makes the picture so wide and high, and empty.
function canvas.size(w, h)
  width, height = floor(number(w, "width")), floor(number(h, "height"))
  add("size", width, height)
end

--- Fills the picture with a colour: any of CSS, as "#203040" or "tomato".
function canvas.clear(color)
  drawn, count = {}, 0
  if width then add("size", width, height) end
  add("clear", color and tostring(color) or "")
  if ink then add("color", ink) end
end

--- The colour of what is drawn next.
function canvas.color(color)
  ink = tostring(color)
  add("color", ink)
end

function canvas.rect(x, y, width, height)
  add("rect", number(x, "x"), number(y, "y"), number(width, "width"), number(height, "height"))
end

function canvas.circle(x, y, radius)
  add("circle", number(x, "x"), number(y, "y"), number(radius, "radius"))
end

function canvas.line(x1, y1, x2, y2, width)
  add("line", number(x1, "x1"), number(y1, "y1"), number(x2, "x2"), number(y2, "y2"), number(width or 1, "width"))
end

function canvas.text(x, y, text, size)
  add("text", number(x, "x"), number(y, "y"), tostring(text), number(size or 16, "size"))
end

local function take()
  local picture = drawn
  drawn, count, width, height, ink = {}, 0, nil, nil, nil
  return picture
end

--- Shows what was drawn, and waits for the screen: the seconds since the last frame, and a table of the keys that are held.
function canvas.frame()
  return host.call("frame", take())
end

-- What was drawn and not shown yet, which the end of the script shows.
return take
