-- A planet is a table: names on the left, values on the right.
local planets = {
  { name = "Mercury", moons = 0, year = 87.97 },
  { name = "Venus", moons = 0, year = 224.7 },
  { name = "Earth", moons = 1, year = 365.26 },
  { name = "Mars", moons = 2, year = 686.98 },
}

-- A list is a table too, counted from 1. # is its length.
print("We have " .. #planets .. " planets; the third is " .. planets[3].name .. ".")

-- ipairs walks a list in order, and string.format sets columns.
for place, planet in ipairs(planets) do
  print(string.format("%d  %-8s %7.2f days", place, planet.name, planet.year))
end

-- Only nil and false count as false: 0 moons is a value like any other.
local function describe(planet)
  if planet.moons == 0 then
    return planet.name .. " has no moon"
  elseif planet.moons == 1 then
    return planet.name .. " has one moon"
  end
  return planet.name .. " has " .. planet.moons .. " moons"
end

-- Functions are values: table.sort takes one that says what comes first.
table.sort(planets, function(a, b)
  return a.moons > b.moons or a.moons == b.moons and a.name < b.name
end)

for _, planet in ipairs(planets) do
  print(describe(planet))
end
