-- An empty loop.
while true do end
