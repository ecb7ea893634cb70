-- The names of all functions that can be reached, each an expression: those of the globals first, then of tables and of what
-- stands behind them.
local names, seen = {}, {}
local queue = {{"", _G}, {"getmetatable('')", getmetatable("")}, {"getmetatable(io.stdout)", getmetatable(io.stdout)}}
local at = 1
local function place(path, key)
  if math.type(key) == "integer" then return path .. "[" .. key .. "]" end
  if path == "" then return key end
  return path .. "." .. key
end
while queue[at] do
  local path, t = queue[at][1], queue[at][2]
  at = at + 1
  if not seen[t] then
    seen[t] = true
    local sorted = {}
    for key in pairs(t) do if type(key) == "string" or math.type(key) == "integer" then sorted[#sorted + 1] = key end end
    table.sort(sorted, function(a, b) return tostring(a) < tostring(b) end)
    for _, key in ipairs(sorted) do
      local value = t[key]
      if type(value) == "function" and not seen[value] then
        seen[value] = true
        names[#names + 1] = place(path, key)
      elseif type(value) == "table" then
        queue[#queue + 1] = {place(path, key), value}
      end
      local meta = debug.getmetatable(value)
      if type(meta) == "table" and type(value) ~= "string" then queue[#queue + 1] = {"getmetatable(" .. place(path, key) .. ")", meta} end
    end
  end
end
return table.concat(names, "\n")
