-- Evaluates what was typed: an expression, or statements. It returns true and nothing or a complaint, or false and why it is no Lua.
local source, first = ...
local f, message
if first then
  f = load("return " .. source, "=stdin", "t")
end
if not f then
  f, message = load(source, "=stdin", "t")
  if not f then
    return false, message
  end
end
debug.getregistry()["moonlet.thread"] = coroutine.running()
local function show(ok, ...)
  if not ok then
    return (...)
  elseif select("#", ...) > 0 then
    local printed, message = pcall(print, ...)
    if not printed then
      return ("error calling 'print' (%s)"):format(tostring(message))
    end
  end
end
return true, show(debug.getregistry()["moonlet.protected"](f))
