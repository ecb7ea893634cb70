//! `compact` collects all garbage and zeroes what is free, and the script notices nothing else.

use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};
use moonlet_tests::{Lua, Run, Version, option, status};

/// No block of zeroes holds it, and no code or data of the module does.
const MARK: &[u8] = b"\xA5\x5A\xC3\x3C";

/// Where the stack starts, from which it grows down to 0 (build.rs).
const STACK: usize = 196_608;

fn compressed(memory: &[u8]) -> usize {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(memory).and_then(|()| encoder.finish()).expect("memory").len()
}

fn compact(lua: &mut Lua) -> f64 {
    lua.call("compact", ())
}

/// Where memory holds the mark.
fn marks(lua: &Lua) -> Vec<usize> {
    let memory = lua.memory.data(&lua.store);
    let places = memory.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK);
    places.map(|(place, _)| place).collect()
}

/// Leaves garbage of many sizes, all of it marked: strings, a file, output, a result, buffers of the host and of C functions
/// on the stack.
fn dirty(lua: &mut Lua) {
    let source = "local mark = string.char(0xA5, 0x5A, 0xC3, 0x3C) local garbage = {}
        for i = 1, 3000 do garbage[i] = mark:rep(1 + i * 7919 % 500) .. i end
        for i = 1, 300 do garbage[i] = mark:rep(25) .. ('%s'):format(mark:rep(i % 30)):rep(2):upper() end
        local function deep(n) return n > 0 and #mark:rep(20):gsub('.', function() return deep(n - 1) end) or 0 end
        local _ = deep(3), ('%-99s'):format(mark:rep(20)), table.concat({mark:rep(10), mark:rep(11)}, mark)
        local file = io.open('file', 'w') file:write(mark:rep(5000)) file:close() os.remove('file')
        print(mark:rep(3000)) return mark:rep(9000)";
    assert_eq!(lua.run(source).answer, 36_000);
    let buffer = lua.put(&MARK.repeat(4000));
    lua.take(buffer);
    lua.eval("return nil");
}

for_each_version! {
    fn nothing_free_keeps_its_bytes(version: Version) {
        let mut lua = Lua::new(version);
        dirty(&mut lua);
        let (before, size) = (marks(&lua).len(), compressed(&lua.snapshot()));
        assert!(before > 100_000, "{before} marks");
        let alive = compact(&mut lua);
        assert_eq!(alive, lua.get(option::MEMORY_USED));
        // Hardly more is left than in an instance that never had the garbage.
        let mut clean = Lua::new(version);
        clean.eval("return nil");
        compact(&mut clean);
        let (memory, least) = (lua.snapshot(), clean.snapshot());
        let used = |memory: &[u8]| memory.iter().filter(|byte| **byte != 0).count();
        println!(
            "{version:?}: {} bytes of memory, compressed {size} before, {} after; {} of {} where there was no garbage",
            memory.len(), compressed(&memory), compressed(&least), least.len()
        );
        assert!(used(&memory) < used(&least) + 4096, "{} bytes are not zero, {}", used(&memory), used(&least));
        assert!(compressed(&memory) * 10 < size, "compressed: {size} bytes before, {} after", compressed(&memory));

        // Blocks in use may hold what stood there before they were written to, such as the unused slots of Lua's stacks.
        let after = marks(&lua).len();
        assert!(after < 100, "{after} marks are left of {before}");
        let pages = lua.memory.size(&lua.store);
        let mut free = 0;
        loop {
            let ptr: u32 = lua.call("alloc", 100);
            if lua.memory.size(&lua.store) > pages {
                break;
            }
            let block = lua.read(ptr, 100);
            assert!(!block.windows(MARK.len()).any(|window| window == MARK), "a free block keeps its bytes");
            free += 1;
        }
        assert!(free > 10_000, "{free} blocks were free");
        lua.assert_usable();
    }

    fn nothing_is_left_on_the_stack(version: Version) {
        let mut lua = Lua::new(version);
        lua.run("local function f() return ('a'):gsub('a', f) end f()");
        let used = |lua: &Lua| lua.memory.data(&lua.store)[..STACK].iter().filter(|byte| **byte != 0).count();
        let before = used(&lua);
        compact(&mut lua);
        // The frames of `compact` itself.
        assert!(before > 4000 && used(&lua) < 256, "{before} bytes before, {} after", used(&lua));
        assert!(lua.memory.data(&lua.store)[..STACK - 512].iter().all(|byte| *byte == 0));
        lua.assert_usable();
    }

    fn it_counts_the_bytes_alive(version: Version) {
        let mut lua = Lua::new(version);
        let fresh = compact(&mut lua);
        assert_eq!(fresh, lua.get(option::MEMORY_USED));
        lua.eval("kept = ('x'):rep(100000)");
        let kept = compact(&mut lua);
        lua.eval("garbage = ('y'):rep(1000000) garbage = nil");
        let again = compact(&mut lua);
        assert!(kept > 100_000.0 && kept < 200_000.0, "{kept}");
        assert!((again - kept).abs() < 4096.0, "{kept} bytes, {again} after garbage");
        lua.eval("kept = nil");
        assert!(compact(&mut lua) < kept - 100_000.0);
    }

    fn a_second_time_changes_next_to_nothing(version: Version) {
        let mut lua = Lua::new(version);
        dirty(&mut lua);
        compact(&mut lua);
        compact(&mut lua);
        let (alive, memory) = (lua.get(option::MEMORY_USED), lua.snapshot());
        for _ in 0..3 {
            assert_eq!(compact(&mut lua), alive);
            // The heap and the collector keep figures of their own work, and tables are copied.
            let now = lua.snapshot();
            let differences = now.iter().zip(&memory).filter(|(now, before)| now != before).count();
            assert!(now.len() == memory.len() && differences < 256, "{differences} bytes differ");
        }
        lua.assert_usable();
    }

    fn it_can_be_the_first_call(version: Version) {
        let mut lua = Lua::new(version);
        let memory = lua.snapshot().len();
        compact(&mut lua);
        assert_eq!(lua.snapshot().len(), memory, "no memory is taken");
        lua.assert_usable();
        assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
        compact(&mut lua);
        lua.assert_usable();
    }

    fn finalizers_run(version: Version) {
        let mut lua = Lua::new(version);
        lua.eval("dead = 0 weak = setmetatable({{}}, {__mode = 'v'})
                  for i = 1, 10 do setmetatable({}, {__gc = function() dead = dead + 1 print('dead') end}) end");
        compact(&mut lua);
        let run = lua.run("return dead, #weak");
        assert_eq!((run.text().as_str(), run.output_text()), ("10\t0", "dead\n".repeat(10)));

        // None of them outruns its fuel, and none asks the host.
        assert_eq!(lua.set(option::FUEL, 10_000.0), status::OK);
        lua.eval("setmetatable({}, {__gc = function() while true do end end})
                  setmetatable({}, {__gc = function() asked = pcall(host.call, 'x') end})
                  setmetatable({}, {__gc = function() error('in a finalizer') end})
                  setmetatable({}, {__gc = function() os.exit(3) end})");
        for _ in 0..4 {
            compact(&mut lua);
            lua.assert_usable();
        }
        assert_ne!(lua.eval("return asked"), "true");
    }

    fn the_result_the_output_and_the_figures_stay(version: Version) {
        let mut lua = Lua::new(version);
        lua.eval("setmetatable({}, {__gc = function() for i = 1, 1000 do end end})");
        let source = lua.put(b"print('written') return ('result'):rep(1000)");
        let len: i32 = lua.call("compute", source);
        let (result, fuel) = (lua.result(), lua.get(option::FUEL_USED));
        compact(&mut lua);
        assert_eq!(lua.get(option::FUEL_USED), fuel);
        assert_eq!(lua.read(source.0, 6), b"print(", "buffers of the host are its own");
        assert_eq!((lua.result(), len), (result, 6000));
        assert_eq!(lua.drain(), b"written\n");
        assert_eq!(lua.call::<_, i32>("status", ()), status::OK);
    }

    fn suspended_tasks_go_on_as_if_it_had_not_been(version: Version) {
        let mut calm = Workload::new(version, false);
        let mut compacted = Workload::new(version, true);
        let mut steps = 0;
        while let Some(run) = calm.step() {
            assert_eq!(compacted.step(), Some(run), "step {steps}");
            steps += 1;
        }
        assert_eq!(compacted.step(), None);
        assert!(steps > 25, "{steps} steps");
        assert!(calm.pauses > 30 && compacted.pauses > 30, "{} and {} pauses", calm.pauses, compacted.pauses);
        compact(&mut compacted.lua);
        compacted.lua.assert_usable();
    }

    fn full_memory_is_compacted_too(version: Version) {
        let mut lua = Lua::new(version);
        assert_eq!(lua.set(option::MEMORY, 400_000.0), status::OK);
        assert_eq!(lua.run("t = {} while true do t[#t + 1] = {} end").status(), status::ERRMEM);
        assert!(compact(&mut lua) > 100_000.0);
        lua.assert_usable();
        let pages = lua.memory.size(&lua.store) as usize;
        let mut narrow = Lua::with_pages(version, pages);
        assert_eq!(narrow.run("t = {} while true do t[#t + 1] = {} end").status(), status::ERRMEM);
        assert!(compact(&mut narrow) > 100_000.0);
        narrow.assert_usable();
    }
}

/// An array of so many values in MessagePack: those, and then nil.
fn values(first: &[u8], firsts: u32, count: u32) -> Vec<u8> {
    let mut data = vec![0xdd];
    data.extend((firsts + count).to_be_bytes());
    data.extend(first);
    data.resize(data.len() + count as usize, 0xc0);
    data
}

/// What it does, and the doing.
type Waste = (&'static str, fn(&mut Lua));

/// What leaves much behind that nobody uses.
#[rustfmt::skip]
const WASTE: &[Waste] = &[
    ("a call with many arguments", |lua| {
        assert_eq!(lua.call_function(&values(b"\xa6select\xa1#", 2, 900_000)).text(), "900000");
    }),
    ("a resumption with many values", |lua| {
        let run = lua.run("return select('#', host.call('many'))");
        assert_eq!(run.status(), status::YIELD);
        let task = lua.task();
        assert_eq!(lua.resume(task, &values(b"", 0, 900_000)).text(), "900000");
    }),
    ("ten tasks with many values each", |lua| {
        let tasks: Vec<i32> = (0..10).map(|_| {
            lua.run("local n = select('#', host.call('many')) return n + select('#', host.call('more'))");
            lua.task()
        }).collect();
        for task in &tasks {
            assert_eq!(lua.resume(*task, &values(b"", 0, 300_000)).status(), status::YIELD);
        }
        for task in tasks {
            assert_eq!(lua.resume(task, &values(b"", 0, 300_000)).text(), "600000");
        }
    }),
    ("many values in a coroutine that lives on", |lua| {
        lua.eval("co = coroutine.create(function(...) while true do coroutine.yield(select('#', ...)) end end)
            local t = {} for i = 1, 200000 do t[i] = i end
            coroutine.resume(co, table.unpack(t)) co = nil");
    }),
    ("deep recursion", |lua| {
        let deep = "local function deep(n) return n == 0 and 0 or 1 + deep(n - 1) end return deep(150000)";
        assert_eq!(lua.eval(deep), "150000");
    }),
    ("deep recursion in a coroutine", |lua| {
        lua.eval("co = coroutine.wrap(function()
                local function deep(n) return n == 0 and 0 or 1 + deep(n - 1) end
                while true do coroutine.yield(deep(150000)) end
            end) assert(co() == 150000) co = nil");
    }),
    ("many tasks", |lua| {
        let first = lua.task() + 1;
        for _ in 0..3000 {
            assert_eq!(lua.run("host.call('wait')").status(), status::YIELD);
        }
        for task in first..=lua.task() {
            lua.cancel(task);
        }
    }),
    ("many handles", |lua| {
        assert_eq!(lua.set(option::FORMAT, 1.0), status::OK);
        for _ in 0..3 {
            let run = lua.run("local t = {} for i = 1, 20000 do t[i] = function() return t end end return t");
            assert!(run.answer > 60_000, "{}", run.text());
        }
        let handles = (1..=60_000u32).flat_map(|handle| [&[0xce][..], &handle.to_be_bytes()].concat());
        let all: Vec<u8> = [0xdd, 0, 0, 0xea, 0x60].into_iter().chain(handles).collect();
        assert_eq!(lua.release(&all), status::OK);
        assert_eq!(lua.set(option::FORMAT, 0.0), status::OK);
    }),
    ("many strings", |lua| {
        lua.eval("local t = {} for i = 1, 200000 do t[i] = 'string ' .. i end");
    }),
    ("large output, a large file and a large result", |lua| {
        let run = lua.run("local s = ('x'):rep(100000) local f = io.open('f', 'w')
            for i = 1, 50 do print(s) f:write(s) end f:close() os.remove('f') return s:rep(50)");
        assert_eq!(run.output.len(), 50 * 100_001);
    }),
];

for_each_version! {
    /// What stays is at most the sixteen threads for the next tasks.
    fn what_nobody_uses_comes_back_in_one_call(version: Version) {
        for (name, waste) in WASTE {
            let mut lua = Lua::new(version);
            lua.eval("return 1");
            compact(&mut lua);
            let used = lua.get(option::MEMORY_USED);
            waste(&mut lua);
            lua.eval("return 1");
            let once = compact(&mut lua);
            assert!(once < used + 16.0 * 1024.0, "{name}: {used} bytes before, {once} after");
            assert_eq!(compact(&mut lua), once, "{name}: a second call");
            lua.assert_usable();
        }
    }

    /// The collector alone brings it back too, when it comes round.
    fn values_that_passed_through_come_back_by_themselves(version: Version) {
        for (name, waste) in &WASTE[..3] {
            let mut lua = Lua::new(version);
            lua.eval("return 1");
            let used = lua.get(option::MEMORY_USED);
            waste(&mut lua);
            lua.eval("collectgarbage() collectgarbage()");
            let after = lua.get(option::MEMORY_USED);
            assert!(after < used + 20_000.0, "{name}: {used} bytes before, {after} after");
        }
    }
}

/// Three tasks that are paused and ask the host by turns: with coroutines, open files, variables to close and garbage.
struct Workload {
    lua: Lua,
    /// Tasks that are suspended, and whether for an answer.
    tasks: Vec<(i32, bool)>,
    turn: usize,
    last: Vec<u8>,
    /// Whether memory is compacted before each call. The collector has then less to do within them, which moves the pauses.
    compacts: bool,
    pauses: u32,
}

impl Workload {
    const SOURCE: &str = "local sum = 0
        local inner = coroutine.wrap(function() for i = 1, 8 do coroutine.yield(host.call('ask', i)) end end)
        local file = io.open('log', 'a') file:setvbuf('full', 100)
        local closed <close> = setmetatable({}, {__close = function() print('closed', sum) end})
        for i = 1, 8 do
          local words = {} for j = 1, 40 do words[j] = ('%d:%d'):format(i, j) end
          table.sort(words) sum = sum + #table.concat(words) + inner() file:write(sum, '\\n') print(i, sum, words[7])
        end
        file:close() return sum";

    fn new(version: Version, compacts: bool) -> Self {
        let mut lua = Lua::new(version);
        assert_eq!(lua.set(option::SLICE, 500.0), status::OK);
        let mut workload = Self { lua, tasks: Vec::new(), turn: 0, last: Vec::new(), compacts, pauses: 0 };
        for _ in 0..3 {
            let run = workload.lua.run(Self::SOURCE);
            workload.note(&run);
        }
        workload
    }

    fn note(&mut self, run: &Run) {
        self.last.clone_from(&run.result);
        match run.status() {
            status::YIELD => self.tasks.push((self.lua.task(), true)),
            status::PAUSED => self.tasks.push((self.lua.task(), false)),
            _ => assert!(run.answer >= 0, "{}", run.text()),
        }
    }

    /// Goes on with the next task, past its pauses; nothing once all have ended.
    fn step(&mut self) -> Option<Run> {
        if self.tasks.is_empty() {
            return None;
        }
        self.turn += 1;
        let (task, asked) = self.tasks.remove(self.turn % self.tasks.len());
        // An array of one number.
        let answer = [0x91, self.turn as u8 % 100];
        let mut data: &[u8] = if asked { &answer } else { &[] };
        let mut output = Vec::new();
        loop {
            if self.compacts {
                compact(&mut self.lua);
                // A host that was restored reads the request, or whatever it was, only now.
                assert_eq!(self.lua.result(), self.last, "the result stays");
            }
            let mut run = self.lua.resume(task, data);
            self.last.clone_from(&run.result);
            output.append(&mut run.output);
            if run.status() == status::PAUSED {
                self.pauses += 1;
                data = b"";
                continue;
            }
            run.output = output;
            self.note(&run);
            return Some(run);
        }
    }
}
