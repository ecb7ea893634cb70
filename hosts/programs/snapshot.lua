local function question(text)
  local answer = ask(text)
  return text .. " " .. answer
end

local lines = {}
for _, text in ipairs {"What is your name?", "What is your quest?"} do
  lines[#lines + 1] = question(text)
end
return table.concat(lines, "\n")
