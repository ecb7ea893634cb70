-- A chunk that loads and calls itself.
source = 'local f = load(source) pcall(f) return pcall(f)'
while true do load(source)() end
