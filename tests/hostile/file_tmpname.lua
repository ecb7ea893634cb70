-- Names for temporary files. (ERRRUN)
while true do os.tmpname() end
