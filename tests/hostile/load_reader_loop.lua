-- A reader function that never returns.
load(function() while true do end end)
