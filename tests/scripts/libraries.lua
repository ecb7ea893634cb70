-- Every name that a script can reach from its globals.
local seen = {}
local function walk(name, value)
  if type(value) == "table" and not seen[value] then
    seen[value] = true
    local keys = {}
    for k in pairs(value) do keys[#keys + 1] = tostring(k) end
    table.sort(keys)
    print(name .. ":", table.concat(keys, " "))
    for _, k in ipairs(keys) do if value[k] ~= nil and value[k] ~= _G then walk(name .. "." .. k, value[k]) end end
  end
end
walk("_G", _G)
walk("string metatable", getmetatable(""))
print(package.config:gsub("\n", " "), package.path, package.cpath, #package.searchers)
print(_VERSION, math.pi, math.huge, math.maxinteger)
