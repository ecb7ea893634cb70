-- gsub whose callback never ends.
('a'):gsub('a', function() while true do end end)
