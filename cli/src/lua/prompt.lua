-- The prompt: a global of the script, or the default.
local name, default = ...
local prompt = _G[name]
if prompt == nil then
  return default
end
return tostring(prompt)
