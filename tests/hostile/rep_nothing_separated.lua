-- string.rep of nothing, with a separator of nothing.
while true do (''):rep(1 << 62, '') end
