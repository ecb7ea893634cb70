-- Several things at once, in one thread: each task is a coroutine, and says for how long it wants to sleep.
local clock, queue = 0, {}

local function spawn(name, f)
  queue[#queue + 1] = { name = name, time = clock, thread = coroutine.create(f) }
end

local function wait(seconds)
  coroutine.yield(seconds)
end

-- Takes the task that is to wake first, sleeps until then, and lets it go on.
local function run()
  while #queue > 0 do
    table.sort(queue, function(a, b)
      return a.time < b.time or a.time == b.time and a.name < b.name
    end)
    local task = table.remove(queue, 1)
    sleep(task.time - clock)
    clock = task.time
    local ok, seconds = coroutine.resume(task.thread)
    if not ok then
      print(task.name .. " failed: " .. seconds)
    elseif coroutine.status(task.thread) == "suspended" then
      task.time = clock + seconds
      queue[#queue + 1] = task
    else
      print(string.format("%4.1f  %s is done", clock, task.name))
    end
  end
end

local function cook(dish, steps)
  spawn(dish, function()
    for _, step in ipairs(steps) do
      print(string.format("%4.1f  %s: %s", clock, dish, step[1]))
      wait(step[2])
    end
  end)
end

cook("rice", { { "wash", 0.2 }, { "boil", 1.0 }, { "rest", 0.4 } })
cook("soup", { { "chop", 0.5 }, { "simmer", 0.9 } })
cook("tea", { { "heat water", 0.3 }, { "steep", 0.4 } })
spawn("cake", function()
  wait(0.6)
  error("no eggs", 0)
end)

run()
print(string.format("dinner after %.1f seconds", clock))
