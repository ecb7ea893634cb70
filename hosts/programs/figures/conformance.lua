-- Lua's official suite in its form for users, from files that are in the state already: "final OK" is what it prints last.
local all = assert(loadfile("all.lua"))
local getenv = os.getenv
os.getenv = function(name) return name == "PATH" and "/" or getenv(name) end
_U, arg = true, {[0] = "lua"}
return all()
