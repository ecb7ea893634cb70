-- debug.sethook without a hook, in a loop.
while true do debug.sethook() end
