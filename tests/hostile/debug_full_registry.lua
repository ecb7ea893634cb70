-- The registry, gone through.
while true do for k, v in pairs(debug.getregistry()) do end end
