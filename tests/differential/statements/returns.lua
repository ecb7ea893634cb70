return {S}, {S}
;;
return {n}
;;
return
;;
return {s}, {i}, {f}, {b}
;;
return setmetatable({}, {__tostring = function() return {S} end})
;;
return (function(...) return {S}, ... end)({S}, {S})
