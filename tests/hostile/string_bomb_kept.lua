-- Strings that are kept.
kept = {}
while true do kept[#kept + 1] = ('x'):rep(10000) .. #kept end
