-- pack of integers of all sizes.
while true do ('i1i2i4i8i16j'):pack(1, 2, 3, 4, 5, 6) end
