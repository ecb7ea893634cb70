-- Running, and where it stands. It goes on in the chunk of inspect.lua.

-- Results of statements, so that the page can look into the last ones.
local results, turn = {}, 0

local function keep(...)
  turn = turn % 20 + 1
  results[turn] = pack(...)
  local shown = {}
  for i = 1, select("#", ...) do shown[i] = describe((select(i, ...))) end
  return shown
end

local function plain(source)
  source = gsub(source, "^\239\187\191", "")
  return (gsub(source, "^#[^\n]*", ""))
end

--- Why source is no Lua; nil when it is.
local function check(source, name)
  local chunk, message = load(plain(source), name, "t")
  if not chunk then return message end
end

--- Why a statement or expression is none; nil when it is.
local function check_statement(source)
  if load("return " .. source, "=input", "t") then return nil end
  return check(source, "=input")
end

-- The thread of the program, and how it is to stop: at the next line ("step"), at the next one that is not deeper ("over"),
-- or at lines with a mark only ("run").
local program, mode, marks, stop, base, depth

local function source_of(info)
  return match(info.source, "^@%./(.*)") or match(info.source, "^@(.*)")
end

local function frames_of(thread, level)
  local frames = {}
  while #frames < 40 do
    local info = getinfo(thread, level, "Sln")
    if not info then break end
    local locals = {}
    if info.what ~= "C" then
      for i = 1, 100 do
        local name, value = getlocal(thread, level, i)
        if not name then break end
        if sub(name, 1, 1) ~= "(" then locals[#locals + 1] = {name, value} end
      end
      for i = -1, -20, -1 do
        local name, value = getlocal(thread, level, i)
        if not name then break end
        locals[#locals + 1] = {"..." .. -i, value}
      end
    end
    local file = source_of(info)
    local name = info.what == "main" and "main chunk" or info.name or (file and "function at line " .. info.linedefined) or "function"
    if info.short_src ~= "playground" then
      frames[#frames + 1] = {file = file, line = info.currentline, name = name, what = info.what, locals = locals}
    end
    level = level + 1
  end
  -- What called the program is the page, and no script of its user.
  while #frames > 0 and frames[#frames].what == "C" do frames[#frames] = nil end
  return frames
end

--- How deep a thread's calls nest, seen from a function that the asking one was called by.
local function is_deeper(than)
  return getinfo(than + 3, "l") ~= nil
end

local function level_count()
  local n = 3
  while getinfo(n, "l") do n = n + 1 end
  return n - 3
end

local function hook(_, line)
  local file = source_of(getinfo(2, "S"))
  if not file then return end
  local thread = running()
  local isdue = mode == "step"
    or marks[file] and marks[file][line]
    or mode == "over" and (thread == base and not is_deeper(depth) or costatus(base) == "dead")
  if not isdue then return end
  stop, base, depth = frames_of(thread, 3), thread, level_count()
  -- A hook cannot yield. What it can is to use up the slice, so that the host has its turn after this instruction.
  for _ = 1, 120000 do end
end

local function hooked(f)
  return function(...)
    sethook(hook, "l")
    return f(...)
  end
end

-- Coroutines have hooks of their own.
local function hook_coroutines()
  function library.create(f)
    return create(type(f) == "function" and hooked(f) or f)
  end
  function library.wrap(f)
    return wrap(type(f) == "function" and hooked(f) or f)
  end
end

--- Runs a file as the program. With `watch` it can stop at lines from its start on.
local function run(source, name, watch)
  program = running()
  if watch then
    hook_coroutines()
    sethook(hook, "l")
  end
  return keep(load(plain(source), name, "t")())
end

--- Runs a statement, or an expression, whose values are its results.
local function statement(source)
  return keep((load("return " .. source, "=input", "t") or load(source, "=input", "t"))())
end

--- How the program goes on.
local function arm(how, lines)
  mode, marks, stop = how, lines, nil
  if not program or costatus(program) == "dead" then return end
  if how ~= "run" or next(lines) ~= nil then
    sethook(program, hook, "l")
  elseif gethook(program) == hook then
    -- A program without a hook is several times as fast. One of the script's own stays.
    sethook(program)
  end
end

--- Whether the program has come to a line where it is to stop.
local function has_stopped()
  return stop ~= nil
end

--- Where the program stands: its calls, the innermost first, with their variables.
local function where()
  if not program then return {} end
  local frames = {}
  for i, frame in ipairs(stop or frames_of(program, 0)) do
    local locals = {}
    for j, variable in ipairs(frame.locals) do locals[j] = {name = variable[1], value = describe(variable[2])} end
    frames[i] = {file = frame.file, line = frame.line, name = frame.name, locals = locals}
  end
  return frames
end

--- The program has ended, or is given up.
local function over()
  program, mode, stop, base = nil, nil, nil, nil
  library.create, library.wrap = create, wrap
end

-- The page has these functions for as long as this task waits, and finds them again in a snapshot by it.
return host.call("playground", {
  check = check, check_statement = check_statement, run = run, statement = statement, arm = arm, has_stopped = has_stopped,
  where = where, over = over, children = children, globals = list_globals, flatten = flatten, complete = complete,
  picture = take_picture,
})
