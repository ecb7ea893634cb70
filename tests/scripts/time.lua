print(os.time(), os.clock(), os.date("!%Y-%m-%d %H:%M:%S"), os.date("!%c|%x|%X|%p|%A|%B|%j|%U|%w|%a|%b|%d|%y|%Z|%%"))
print(os.time {year = 2026, month = 11, day = 22, hour = 12}, os.time {year = 2024, month = 2, day = 30, hour = 0}, os.time {year = 1969, month = 12, day = 31})
local t = os.date("*t", 86400 * 365)
print(t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, t.isdst)
local n = {year = 2026, month = 14, day = -3, hour = 25, min = 61, sec = 3600}
print(os.time(n), n.year, n.month, n.day, n.hour, n.min, n.sec, n.yday)
print(os.date("!%F %T %D %R %e %G-W%V-%u %g %C %h %I %n%t|%r|%s|%S", 1e9 // 1 | 0))
print(pcall(os.date, "%Ez", 0), pcall(os.date, "%Q", 0), pcall(os.time, {year = 2026}), pcall(os.date, "*t", 1 << 60))
print(os.difftime(10, 4), pcall(os.time, {year = 1 << 40, month = 1, day = 1}), os.date("!%H", -3600), os.date("!%Y", -62135596800))
