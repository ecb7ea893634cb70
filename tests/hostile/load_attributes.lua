-- load of wrong attributes.
while true do load('local x <const> = 1 x = 2') load('local x <what> = 1') end
