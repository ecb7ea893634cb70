-- os.time of extremes.
while true do
  pcall(os.time, {year = 1 << 31, month = 1 << 31, day = 1 << 31})
  os.time({year = 2000, month = 1 << 30, day = 1 << 30, sec = 1 << 30})
  os.date('*t', 1 << 40)
end
