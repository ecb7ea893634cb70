-- Cuts a text into tokens, and hands them out one after another.
local Input = {}
Input.__index = Input

function Input:peek()
  return self[self.at]
end

function Input:take()
  local token = self[self.at]
  self.at = math.min(self.at + 1, #self)
  return token
end

function Input:expect(value)
  local token = self:take()
  if token.value ~= value then
    error(value .. " is missing before " .. token.text, 0)
  end
end

-- Kinds by patterns: the first that matches at a place wins.
local kinds = {
  { "space", "^%s+" },
  { "number", "^%d+%.?%d*" },
  { "name", "^%a[%w_]*" },
  { "operator", "^[-+*/^()]" },
}

local function next_token(text, at)
  for _, kind in ipairs(kinds) do
    local found = text:match(kind[2], at)
    if found then
      local value = kind[1] == "number" and tonumber(found) or found
      return { kind = kind[1], value = value, text = found }
    end
  end
  error("what is " .. text:sub(at, at) .. "?", 0)
end

local M = {}

function M.read(text)
  local input = setmetatable({ at = 1 }, Input)
  local at = 1
  while at <= #text do
    local token = next_token(text, at)
    at = at + #token.text
    if token.kind ~= "space" then
      input[#input + 1] = token
    end
  end
  input[#input + 1] = { kind = "end", value = "end", text = "the end" }
  return input
end

return M
