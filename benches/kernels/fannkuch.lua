-- 9, short 7: permutations in an array, and how often they must be flipped
local n = tonumber(arg[1])

local permutation, copy, count = {}, {}, {}
for i = 1, n do permutation[i], count[i] = i, i end

local function flips()
  local first = permutation[1]
  if first == 1 then return 0 end
  for i = 2, n do copy[i] = permutation[i] end
  local done = 0
  repeat
    done = done + 1
    local next = copy[first]
    copy[first] = first
    local i, j = 2, first - 1
    while i < j do
      copy[i], copy[j] = copy[j], copy[i]
      i, j = i + 1, j - 1
    end
    first = next
  until first == 1
  return done
end

local checksum, most, sign = 0, 0, 1
while true do
  local done = flips()
  checksum = checksum + sign * done
  if done > most then most = done end
  if sign == 1 then
    permutation[1], permutation[2] = permutation[2], permutation[1]
    sign = -1
  else
    permutation[2], permutation[3] = permutation[3], permutation[2]
    sign = 1
    local i = 3
    while true do
      if count[i] ~= 1 then
        count[i] = count[i] - 1
        break
      end
      if i == n then
        print(checksum, most)
        return
      end
      count[i] = i
      local first = permutation[1]
      for j = 1, i do permutation[j] = permutation[j + 1] end
      permutation[i + 1] = first
      i = i + 1
    end
  end
end
