-- Host calls where none can be made, swallowed.
while true do load(function() host.call('x') end) end
