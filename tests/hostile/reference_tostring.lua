-- References as text.
while true do tostring(reference) end
