local poem = [[
the moon went out to fish at night,
and in the net the moon had tied
of silver threads and silver light
the moon found all the stars inside.
]]

-- Patterns: %a is a letter, + is one or more. gmatch gives each match in turn.
local counts, words = {}, 0
for word in poem:gmatch("%a+") do
  counts[word] = (counts[word] or 0) + 1
  words = words + 1
end

-- A table has no order: its keys go into a list, to be sorted.
local sorted = {}
for word in pairs(counts) do
  sorted[#sorted + 1] = word
end
table.sort(sorted, function(a, b)
  if counts[a] ~= counts[b] then
    return counts[a] > counts[b]
  end
  return a < b
end)

print(words .. " words, " .. #sorted .. " different ones; most of all:")
for i = 1, 4 do
  print(string.format("  %-6s %s", sorted[i], ("*"):rep(counts[sorted[i]])))
end

-- gsub replaces, by what a function answers.
print((poem:match("[^\n]+"):gsub("%a+", function(word)
  return word:sub(1, 1):upper() .. word:sub(2)
end)))

-- A template: %b{} matches what stands in a pair of braces, and a table gives what to put there.
local function fill(template, values)
  return (template:gsub("%b{}", function(place)
    return tostring(values[place:sub(2, -2)] or place)
  end))
end
print(fill("{who} landed on {where} in {year}; {nobody} knows {what}.", { who = "Apollo 11", where = "the moon", year = 1969 }))

-- Lua's strings are bytes; the library utf8 knows characters.
local night = "nuit étoilée 🌙"
print(#night .. " bytes, " .. utf8.len(night) .. " characters")
for _, code in utf8.codes("é🌙") do
  print(utf8.char(code), ("U+%04X"):format(code))
end
