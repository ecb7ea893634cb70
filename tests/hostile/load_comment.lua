-- load of a long comment.
local s = '--[[' .. (' '):rep(1000000) .. ']]'
while true do load(s) end
