-- continue by goto, in a loop whose condition never holds.
while true do do goto continue end ::continue:: end
