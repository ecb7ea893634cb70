-- A loop that compares values of all types.
while true do local a = 1 < 1.5, 'a' < 'b', 1 == '1', nil == false end
