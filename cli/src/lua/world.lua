-- What a script is given of the machine: variables of the environment, paths for require, and files of folders, which the host puts into
-- the file system when they are asked for. It is run once, and kept with the compiled code: "moonlet.begin" is what each process does.
local call, pcall, error, type, tostring = host.call, pcall, error, type, tostring
local find, gmatch, gsub, sub = string.find, string.gmatch, string.gsub, string.sub
local registry = debug.getregistry()

collectgarbage("generational")
warn("@off")

-- What makes the message of an error that nobody caught, where it happens, as lua's own program does.
local getmetatable, rawget, traceback, xpcall = debug.getmetatable, rawget, debug.traceback, xpcall
local function handler(message)
  if type(message) == "number" then
    message = tostring(message)
  elseif type(message) ~= "string" then
    local meta = getmetatable(message)
    local method = meta and rawget(meta, "__tostring")
    if method ~= nil then
      local text = method(message)
      if type(text) == "string" then
        return text
      end
    end
    message = "(error object is a " .. type(message) .. " value)"
  end
  return traceback(message, 2)
end
registry["moonlet.protected"] = function(f, ...)
  return xpcall(f, handler, ...)
end

-- The names that are there from the start, and stay when the rest is closed.
local names = {}
for name in next, _G do
  names[name] = true
end
for name in next, package.loaded do
  names[name] = true
end
registry["moonlet.names"] = names

local function give(environment)
  local getenv = os.getenv
  function os.getenv(name)
    return environment[name] or getenv(name)
  end
end

-- ";;" in a path stands for the path as it is by default.
local function path(new, default)
  local first, last = find(new, ";;", 1, true)
  if not first then
    return new
  end
  local before, after = sub(new, 1, first - 1), sub(new, last + 1)
  return (before == "" and "" or before .. ";") .. default .. (after == "" and "" or ";" .. after)
end

-- With `close` the variables to be closed are, too, and finalizers run: the host does so with a task that waits for it.
local exit = os.exit
function os.exit(code, close)
  if close then
    -- Where nothing can wait, it is the plain exit.
    pcall(call, "moonlet.close", code)
  end
  return exit(code)
end

-- What is read from standard input is the host's to wait for, and debug.debug would not.
local debug, load = debug, load
function debug.debug()
  while true do
    io.stderr:write("lua_debug> ")
    local line = io.read("L")
    if not line or line == "cont\n" or line == "cont" then
      return
    end
    local f, message = load(line, "=(debug command)")
    local ok = f and true
    if f then
      ok, message = pcall(f)
    end
    if not ok then
      io.stderr:write(tostring(message), "\n")
    end
  end
end

-- Lets the functions that open and change files ask the host for those of folders.
local function mount()
  local opened = setmetatable({}, { __mode = "k" })
  local written = {}
  registry["moonlet.opened"] = opened
  registry["moonlet.written"] = written

  -- Lets the host put a file into the file system. Where a script cannot wait it reads what is there.
  local function fetch(name)
    if type(name) == "string" or type(name) == "number" then
      local can, there, message, code = pcall(call, "moonlet.read", tostring(name))
      if can then
        return there, message, code
      end
    end
    return true
  end

  -- Asks the host for a file to be written.
  local function prepare(name, mode)
    if type(name) ~= "string" and type(name) ~= "number" then
      return true
    end
    name = tostring(name)
    local there, message, code = call("moonlet.write", name, mode)
    written[name] = there
    return there, message, code
  end

  -- Blames whoever called the function that asked.
  local function check(there, message)
    if not there then
      error(message, 3)
    end
  end

  local open, lines, input, output = io.open, io.lines, io.input, io.output
  function io.open(name, mode)
    if mode == nil or type(mode) == "string" and find(mode, "^[rwa]%+?b?$") then
      local writes = mode ~= nil and find(mode, "[wa+]") ~= nil
      local there, message, code
      if writes then
        there, message, code = prepare(name, mode)
      else
        there, message, code = fetch(name)
      end
      if not there then
        return nil, message, code
      elseif writes then
        local file, message, code = open(name, mode)
        if not file then
          return nil, message, code
        end
        opened[file] = true
        return file
      end
    end
    return open(name, mode)
  end
  function io.lines(name, ...)
    check(fetch(name))
    return lines(name, ...)
  end
  function io.input(file)
    check(fetch(file))
    if file == nil then
      return input()
    end
    return input(file)
  end
  function io.output(file)
    if file == nil then
      return output()
    end
    check(prepare(file, "w"))
    local result = output(file)
    opened[result] = true
    return result
  end

  local loadfile, dofile = loadfile, dofile
  function _G.loadfile(name, ...)
    local there, message = fetch(name)
    if not there then
      return nil, "cannot read " .. message
    end
    return loadfile(name, ...)
  end
  function _G.dofile(name)
    local there, message = fetch(name)
    if not there then
      error("cannot read " .. message, 2)
    end
    return dofile(name)
  end

  -- Lets the host change files of folders; what is elsewhere the plain function does.
  local function change(request, plain, ...)
    local done, message, code = call(request, ...)
    if not done then
      return nil, message, code
    elseif done ~= "elsewhere" then
      return true
    end
    return plain(...)
  end

  local remove, rename = os.remove, os.rename
  function os.remove(name)
    if type(name) == "string" then
      return change("moonlet.remove", remove, name)
    end
    return remove(name)
  end
  function os.rename(from, to)
    if type(from) == "string" and type(to) == "string" then
      return change("moonlet.rename", rename, from, to)
    end
    return rename(from, to)
  end

  -- Before a path is searched, the host puts there what it has of it.
  local searchpath, searchers = package.searchpath, package.searchers
  local function along(name, path)
    local names = {}
    for template in gmatch(path, "[^;]+") do
      names[#names + 1] = (gsub(template, "%?", (gsub(name, "%%", "%%%%"))))
    end
    pcall(call, "moonlet.find", names)
  end
  function package.searchpath(name, path, separator, replacement)
    if type(name) == "string" and type(path) == "string" then
      local plain = name
      if separator ~= "" then
        local pattern = gsub(separator or ".", "%p", "%%%0")
        plain = (gsub(name, pattern, (gsub(replacement or "/", "%%", "%%%%"))))
      end
      along(plain, path)
    end
    return searchpath(name, path, separator, replacement)
  end
  table.insert(searchers, 2, function(name)
    if type(package.path) == "string" then
      along((gsub(name, "%.", "/")), package.path)
    end
  end)
end

registry["moonlet.begin"] = function(given)
  if given.seed then
    math.randomseed(given.seed[1], given.seed[2])
  end
  -- What is one stream outside stays in order.
  if given.one_stream then
    io.stderr = io.stdout
  end
  if given.environment then
    give(given.environment)
  end
  if given.path then
    package.path = path(given.path, package.path)
  end
  if given.cpath then
    package.cpath = path(given.cpath, package.cpath)
  end
  if given.folders then
    mount()
  end
  return registry["moonlet.drive"]
end
