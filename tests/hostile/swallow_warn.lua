-- Warnings, in a loop.
while true do warn('@on') warn('x') warn('@off') end
