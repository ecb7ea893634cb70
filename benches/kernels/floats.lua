local inside, x = 0, 0.5
for i = 1, 3000000 do
  x = x * 3.9 * (1 - x)
  local y = math.sqrt(x * x + 0.25)
  if y < 0.75 then inside = inside + 1 end
end
return inside
