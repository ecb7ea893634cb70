-- The script asks, and waits: for a moment, or until tomorrow. Meanwhile it is only a row in the timeline,
-- where you can go back to any question and answer it in another way.
local low, high = 1, 100
local tries = 0

print("Think of a number from 1 to 100.")

while low <= high do
  local middle = (low + high) // 2
  tries = tries + 1
  local answer = prompt("Is it " .. middle .. "? (yes, more, less)")
  if answer == nil then
    print("As you like. Good bye!")
    return
  end
  answer = answer:lower():match("%a") or ""
  if answer == "y" then
    print("It is " .. middle .. ", found with " .. tries .. " questions.")
    return
  elseif answer == "m" then
    low = middle + 1
  elseif answer == "l" then
    high = middle - 1
  else
    tries = tries - 1
    print("Please say yes, more or less.")
  end
end

print("There is no such number: one of your answers was not true.")
