-- 230, short 18: a small ray tracer: spheres on a floor, shadows, reflections
local size = tonumber(arg[1])
local sqrt, huge, floor = math.sqrt, math.huge, math.floor

local function vec(x, y, z) return { x = x, y = y, z = z } end
local function add(a, b) return vec(a.x + b.x, a.y + b.y, a.z + b.z) end
local function sub(a, b) return vec(a.x - b.x, a.y - b.y, a.z - b.z) end
local function scale(a, k) return vec(a.x * k, a.y * k, a.z * k) end
local function dot(a, b) return a.x * b.x + a.y * b.y + a.z * b.z end
local function unit(a) return scale(a, 1 / sqrt(dot(a, a))) end

local Sphere = {}
Sphere.__index = Sphere
function Sphere:hit(origin, ray)
  local to = sub(origin, self.center)
  local b = dot(to, ray)
  local under = b * b - dot(to, to) + self.radius * self.radius
  if under < 0 then return huge end
  local t = -b - sqrt(under)
  return t > 1e-4 and t or huge
end
function Sphere:normal(point) return unit(sub(point, self.center)) end
function Sphere:shade() return self.color end

local Floor = {}
Floor.__index = Floor
function Floor:hit(origin, ray)
  if ray.y >= 0 then return huge end
  local t = (self.height - origin.y) / ray.y
  return t > 1e-4 and t or huge
end
function Floor:normal() return vec(0, 1, 0) end
function Floor:shade(point) return (floor(point.x) + floor(point.z)) % 2 == 0 and 0.9 or 0.2 end

local scene = { setmetatable({ height = -1, shine = 0.2 }, Floor) }
for i = 0, 3 do
  local sphere = { center = vec(i * 1.5 - 2.2, i % 2 * 0.6, 4 + i * 0.4), radius = 0.8, color = 0.4 + i * 0.15, shine = 0.4 }
  scene[#scene + 1] = setmetatable(sphere, Sphere)
end
local light = unit(vec(-0.6, 1, -0.5))

local function nearest(origin, ray)
  local least, found = huge, nil
  for i = 1, #scene do
    local t = scene[i]:hit(origin, ray)
    if t < least then least, found = t, scene[i] end
  end
  return found, least
end

local function trace(origin, ray, depth)
  local object, t = nearest(origin, ray)
  if not object then return 0.3 + 0.3 * ray.y end
  local point = add(origin, scale(ray, t))
  local normal = object:normal(point)
  local bright = dot(normal, light)
  if bright < 0 or nearest(point, light) then bright = 0 end
  local color = object:shade(point) * (0.2 + 0.8 * bright)
  if depth == 0 then return color end
  local mirrored = sub(ray, scale(normal, 2 * dot(normal, ray)))
  return color * (1 - object.shine) + object.shine * trace(point, mirrored, depth - 1)
end

local sum, code = 0.0, 0
for row = 1, size do
  for column = 1, size do
    local ray = unit(vec(column / size * 2 - 1, 1 - row / size * 2, 1.5))
    local color = trace(vec(0, 0.4, -1), ray, 2)
    sum = sum + color
    code = (code * 31 + floor(color * 255)) % 65521
  end
end
print(string.format("%.6f", sum), code)
