-- 800, short 6: a lexer of Lua, in Lua, character by character
local rounds = tonumber(arg[1])
local byte, sub = string.byte, string.sub

local source = [[
-- a comment
local function update(state, dt) --[=[ a longer
comment ]=]
  for i, body in ipairs(state.bodies) do
    if body.mass >= 1.5e3 and not body.fixed then
      body.x = body.x + body.vx * dt // 1
      state[i] = "moved \"" .. tostring(body.name) .. '\'\n'
    elseif body.mass ~= 0x1F then
      state.count = (state.count or 0) + 1
    end
  end
  return state, ...
end
]]

local keywords = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true until while"):gmatch("%a+") do
  keywords[word] = true
end

local letters, digits, blanks = {}, {}, { [32] = true, [10] = true, [9] = true }
for c = byte("a"), byte("z") do letters[c], letters[c - 32] = true, true end
letters[byte("_")] = true
for c = byte("0"), byte("9") do digits[c] = true end

local doubles = { ["=="] = true, ["~="] = true, ["<="] = true, [">="] = true, [".."] = true, ["//"] = true, ["::"] = true }

local function tokens(s)
  local at, n = 1, #s
  return function()
    while true do
      local c = byte(s, at)
      while blanks[c] do
        at = at + 1
        c = byte(s, at)
      end
      if not c then return nil end
      local from = at
      if c == 45 and byte(s, at + 1) == 45 then
        local level = s:match("^%[(=*)%[", at + 2)
        if level then
          at = select(2, s:find("]" .. level .. "]", at, true)) + 1
        else
          while c and c ~= 10 do
            at = at + 1
            c = byte(s, at)
          end
        end
      elseif letters[c] then
        repeat
          at = at + 1
          c = byte(s, at)
        until not (letters[c] or digits[c])
        local word = sub(s, from, at - 1)
        return keywords[word] and "keyword" or "name", word
      elseif digits[c] then
        repeat
          at = at + 1
          c = byte(s, at)
        until not (letters[c] or digits[c] or c == 46)
        return "number", sub(s, from, at - 1)
      elseif c == 34 or c == 39 then
        repeat
          at = at + 1
          if byte(s, at) == 92 then at = at + 2 end
        until byte(s, at) == c
        at = at + 1
        return "string", sub(s, from, at - 1)
      else
        local two = sub(s, at, at + 1)
        if two == ".." and byte(s, at + 2) == 46 then
          at = at + 3
          return "symbol", "..."
        end
        at = at + (doubles[two] and 2 or 1)
        return "symbol", sub(s, from, at - 1)
      end
    end
  end
end

local text = source:rep(10)
local counts, sum = {}, 0
for _ = 1, rounds do
  counts, sum = { keyword = 0, name = 0, number = 0, string = 0, symbol = 0 }, 0
  for kind, token in tokens(text) do
    counts[kind] = counts[kind] + 1
    sum = (sum * 31 + #token + byte(token)) % 65521
  end
end
print(counts.keyword, counts.name, counts.number, counts.string, counts.symbol, sum)
