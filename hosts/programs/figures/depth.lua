-- How many levels of C calls there are before Lua says that there are too many; an engine without the stack for them is POISONED before.
local depth = 0
local function down()
  depth = depth + 1
  return (("x"):gsub("x", down))
end
pcall(down)
return depth
