-- load of a long chain of elseif.
local s = 'if a then' .. (' elseif a then'):rep(5000) .. ' end'
while true do load(s) end
