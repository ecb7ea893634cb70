//! A call that the engine tears down leaves its mark: from then on every export says so, and only a copy of memory
//! from before, in a fresh instance, goes on.

use moonlet_tests::{Lua, Random, Version, option, status};
use wasmtime::Trap;

const PLENTY: u64 = 1 << 40;

/// Points at which the workload is torn down: so many spread over its instructions, and so many over its calls.
const POINTS: (u64, u64) = (3000, 1000);

/// One export call. Buffers stand on a pile: calls that need some use the topmost.
#[derive(Clone, Copy, Debug)]
enum Step {
    Put(&'static str),
    Take,
    Compute,
    WriteFile,
    ReadFile,
    RemoveFile,
    ListFiles,
    WriteInput,
    Set(u32, f64),
    Get(u32),
    Reset,
    OutputClear,
    ErrorOutputClear,
    Compact,
    /// Goes on with the task that was suspended last, without values.
    Resume,
    Cancel,
    Tasks,
    /// Of the task that was suspended last.
    Request,
    /// An export without arguments that only reads.
    Read(&'static str),
}

impl Step {
    /// Whether the call changes nothing, so that it has nothing to leave half changed.
    fn only_reads(self) -> bool {
        matches!(self, Self::Get(_) | Self::Read(_))
    }

    fn run(self, lua: &mut Lua, pile: &mut Vec<(u32, u32)>) -> Result<(), Trap> {
        let top = pile.last().copied().unwrap_or((0, 0));
        match self {
            Self::Put(text) => {
                let len = u32::try_from(text.len()).expect("a short text");
                let ptr: u32 = lua.try_call("alloc", len)?;
                lua.memory.write(&mut lua.store, ptr as usize, text.as_bytes()).expect("a buffer in memory");
                pile.push((ptr, len));
            }
            Self::Take => lua.try_call("dealloc", pile.pop().expect("a buffer"))?,
            Self::Compute => drop(lua.try_call::<_, i32>("compute", top)?),
            Self::WriteFile => {
                let name = pile[pile.len() - 2];
                lua.try_call::<_, i32>("write_file", (name.0, name.1, top.0, top.1))?;
            }
            Self::ReadFile => drop(lua.try_call::<_, i32>("read_file", top)?),
            Self::RemoveFile => drop(lua.try_call::<_, i32>("remove_file", top)?),
            Self::ListFiles => drop(lua.try_call::<_, i32>("list_files", ())?),
            Self::WriteInput => drop(lua.try_call::<_, i32>("write_input", top)?),
            Self::Set(key, value) => drop(lua.try_call::<_, i32>("set", (key, value))?),
            Self::Get(key) => drop(lua.try_call::<_, f64>("get", key)?),
            Self::Reset => drop(lua.try_call::<_, i32>("reset", ())?),
            Self::OutputClear => drop(lua.try_call::<_, i32>("output_clear", ())?),
            Self::ErrorOutputClear => drop(lua.try_call::<_, i32>("error_output_clear", ())?),
            Self::Compact => drop(lua.try_call::<_, f64>("compact", ())?),
            Self::Resume => {
                let task: i32 = lua.try_call("task", ())?;
                lua.try_call::<_, i32>("resume", (task, 0, 0))?;
            }
            Self::Cancel => {
                let task: i32 = lua.try_call("task", ())?;
                lua.try_call::<_, i32>("cancel", task)?;
            }
            Self::Tasks => drop(lua.try_call::<_, i32>("tasks", ())?),
            Self::Request => {
                let task: i32 = lua.try_call("task", ())?;
                lua.try_call::<_, i32>("request", task)?;
            }
            Self::Read(name) => drop(lua.try_call::<_, i32>(name, ())?),
        }
        Ok(())
    }
}

#[rustfmt::skip]
const SCRIPTS: &[&str] = &[
    "x = 1 return 2+2",
    "return = 1",
    "local t = {} for i = 1, 400 do t[i] = {tostring(i), i / 3} end collectgarbage() error(t[7][1])",
    "local s = ('word '):rep(60):gsub('%w+', function(w) return w:upper() .. #w end) return s:sub(1, 40), s:find('D4 W')",
    "for i = 1, 30 do pcall(error, {i}) end local co = coroutine.wrap(function() for i = 1, 30 do coroutine.yield(i) end end) for i = 1, 30 do print(co()) end",
    "local f = io.open('f', 'w') f:write(('line\\n'):rep(50), 1e100) f:close() for l in io.lines('f') do x = l end os.remove('f')",
    "setmetatable({}, {__gc = function() y = ('%5.3f|%q'):format(1 / 3, 'q') end}) collectgarbage() return y, os.date('!%c', 0)",
    "local t = {} for i = 1, 120 do t[i] = i * 7919 % 127 end table.sort(t) return table.concat(t, ' ')",
    "return load('return ' .. ('1 + '):rep(100) .. '1')(), string.pack('i7z', 1, 'x'), setmetatable({}, {__tostring = function() return 'text' end})",
    "kept = ('x'):rep(1 << 20)",
    "pcall(os.exit, 3)",
    "local function f() return pcall(f) end f() local t <close> = setmetatable({}, {__close = function() z = 1 end}) error('closing')",
];

/// Asks the host from within a coroutine, with a variable to close.
const SUSPENDED: &str = "local t <close> = setmetatable({}, {__close = function() z = 2 end}) \
                         coroutine.wrap(function() for i = 1, 9 do host.call('ask', i) end end)()";

fn workload() -> Vec<Step> {
    let mut steps = vec![Step::Read("status"), Step::Read("abi_version"), Step::Set(option::CLOCK, 1e9)];
    steps.push(Step::Set(option::MEMORY, 200_000.0));
    for (number, script) in SCRIPTS.iter().enumerate() {
        steps.extend([
            Step::Put(script),
            Step::Compute,
            Step::Read("result_ptr"),
            Step::Read("result_len"),
            Step::Take,
        ]);
        if number % 3 == 0 {
            steps.extend([Step::Put("g.lua"), Step::Put("return 'a file'"), Step::WriteFile, Step::Take]);
            steps.extend([
                Step::ReadFile,
                Step::ListFiles,
                Step::WriteInput,
                Step::RemoveFile,
                Step::Take,
                Step::Get(option::MEMORY_USED),
                Step::Read("status"),
            ]);
        }
        if number % 4 == 3 {
            steps.extend([Step::Read("output_ptr"), Step::Read("output_len"), Step::OutputClear]);
            steps.extend([
                Step::Read("error_output_ptr"),
                Step::Read("error_output_len"),
                Step::ErrorOutputClear,
            ]);
        }
        if number % 5 == 3 {
            steps.extend([
                Step::Put(SUSPENDED),
                Step::Compute,
                Step::Take,
                Step::Tasks,
                Step::Request,
                Step::Compact,
                Step::Resume,
                Step::Cancel,
            ]);
        }
        if number % 5 == 4 {
            steps.extend([Step::Reset, Step::Read("build_id_ptr")]);
        }
    }
    steps
}

/// What the workload is like when nothing tears it down.
struct Trace {
    steps: Vec<Step>,
    /// Fuel used before each step, and after the last.
    fuel: Vec<u64>,
    /// Memory at the same places.
    memory: Vec<Vec<u8>>,
}

impl Trace {
    fn new(version: Version) -> Self {
        let mut lua = Lua::metered(version);
        lua.store.set_fuel(PLENTY).expect("an engine with fuel");
        let mut trace = Self { steps: workload(), fuel: vec![0], memory: vec![lua.snapshot()] };
        let mut pile = vec![];
        for step in &trace.steps {
            step.run(&mut lua, &mut pile).expect("enough fuel");
            trace.fuel.push(PLENTY - lua.store.get_fuel().expect("an engine with fuel"));
            trace.memory.push(lua.snapshot());
        }
        assert_ne!(lua.call::<_, i32>("status", ()), status::POISONED, "what did not trap is not poisoned");
        lua.assert_usable();
        trace
    }

    /// Amounts of fuel that do not suffice: spread over the fuel, over the steps, and at each step's first instructions.
    fn budgets(&self) -> Vec<u64> {
        // The engine looks at the fuel when a function starts or loops, so the last call may overdraw it.
        let total = self.fuel[self.steps.len() - 1];
        let mut random = Random(7);
        let mut budgets: Vec<u64> = (0..POINTS.0).map(|_| random.below(total)).collect();
        for _ in 0..POINTS.1 {
            let step = random.below(self.steps.len() as u64) as usize;
            budgets.push(self.fuel[step] + random.below(self.fuel[step + 1] - self.fuel[step]));
        }
        budgets.extend(self.fuel[..self.steps.len()].iter().flat_map(|&start| [start, start + 1]));
        budgets.retain(|&budget| budget > 0 && budget < total);
        budgets
    }

    /// Runs the workload on `budget`: the instance, and the step that trapped.
    fn tear_down(&self, version: Version, budget: u64) -> (Lua, usize) {
        let mut lua = Lua::metered(version);
        lua.store.set_fuel(budget).expect("an engine with fuel");
        let mut pile = vec![];
        for (number, step) in self.steps.iter().enumerate() {
            if let Err(trap) = step.run(&mut lua, &mut pile) {
                assert_eq!(trap, Trap::OutOfFuel, "{step:?} on {budget} fuel");
                lua.store.set_fuel(PLENTY).expect("an engine with fuel");
                return (lua, number);
            }
        }
        panic!("{budget} fuel was enough");
    }
}

/// Every export says what it says on a poisoned instance, and changes nothing.
fn assert_poisoned(lua: &mut Lua, context: &str) {
    let before = lua.snapshot();
    let refused = status::POISONED;
    for _ in 0..2 {
        assert_eq!(lua.call::<_, i32>("status", ()), refused, "{context}");
        assert_eq!(lua.call::<_, i32>("abi_version", ()), 1 << 16, "{context}");
        assert_ne!(lua.call::<_, i32>("build_id_ptr", ()), 0, "{context}");
        for len in [0, 1, 1000] {
            assert_eq!(lua.call::<_, i32>("alloc", len), 0, "{context}");
        }
        for pair in [(0, 0), (4096, 10), (u32::MAX, u32::MAX)] {
            lua.call::<_, ()>("dealloc", pair);
            assert_eq!(lua.call::<_, i32>("compute", pair), -refused, "{context}");
            assert_eq!(lua.call::<_, i32>("read_file", pair), -refused, "{context}");
            assert_eq!(lua.call::<_, i32>("remove_file", pair), refused, "{context}");
            assert_eq!(lua.call::<_, i32>("write_input", pair), refused, "{context}");
            assert_eq!(lua.call::<_, i32>("time_zone", pair), refused, "{context}");
            assert_eq!(lua.call::<_, i32>("call", pair), -refused, "{context}");
            assert_eq!(lua.call::<_, i32>("eval", pair), -refused, "{context}");
            assert_eq!(lua.call::<_, i32>("resume", (1, pair.0, pair.1)), -refused, "{context}");
            assert_eq!(lua.call::<_, i32>("raise", (1, pair.0, pair.1)), -refused, "{context}");
            let files = (pair.0, pair.1, pair.0, pair.1);
            assert_eq!(lua.call::<_, i32>("write_file", files), refused, "{context}");
        }
        assert!(String::from_utf8_lossy(&lua.result()).contains("poisoned"), "{context}");
        for key in [option::MEMORY, option::MEMORY_USED, option::LUA_VERSION_NUM, 0, 99] {
            assert_eq!(lua.set(key, 0.0), refused, "{context}");
            assert!(lua.get(key).is_nan(), "{context}");
        }
        assert_eq!(lua.call::<_, i32>("list_files", ()), -refused, "{context}");
        for output in ["output", "error_output"] {
            assert_ne!(lua.call::<_, i32>(&format!("{output}_ptr"), ()), 0, "{context}");
            assert_eq!(lua.call::<_, i32>(&format!("{output}_len"), ()), 0, "{context}");
            assert_eq!(lua.call::<_, i32>(&format!("{output}_clear"), ()), refused, "{context}");
        }
        assert_eq!(lua.call::<_, i32>("release", (0, 0)), refused, "{context}");
        assert_eq!(lua.call::<_, i32>("cancel", 1), refused, "{context}");
        assert_eq!(lua.call::<_, i32>("tasks", ()), -refused, "{context}");
        assert_eq!(lua.call::<_, i32>("request", 1), -refused, "{context}");
        assert_eq!(lua.call::<_, i32>("task", ()), 0, "{context}");
        assert_eq!(lua.info().word(moonlet_tests::info::STATUS), refused, "{context}");
        assert!(lua.call::<_, f64>("compact", ()).is_nan(), "{context}");
        assert_eq!(lua.call::<_, i32>("reset", ()), refused, "reset does not heal: {context}");
    }
    assert!(lua.snapshot() == before, "a poisoned instance stays as it is: {context}");
}

for_each_version! {
    fn a_call_torn_down_anywhere_poisons_the_instance_or_left_no_trace(version: Version) {
        let trace = Trace::new(version);
        let (mut poisoned, mut untouched, mut readers) = (0, 0, 0);
        for budget in trace.budgets() {
            let (mut lua, number) = trace.tear_down(version, budget);
            let step = trace.steps[number];
            let context = format!("{step:?}, step {number}, on {budget} fuel");
            if lua.call::<_, i32>("status", ()) == status::POISONED {
                assert!(!step.only_reads(), "nothing was being changed: {context}");
                assert_poisoned(&mut lua, &context);
                poisoned += 1;
            } else {
                // Fuel runs out before the call's first change too.
                assert!(lua.snapshot() == trace.memory[number], "half changed and no mark: {context}");
                lua.assert_usable();
                untouched += 1;
                readers += u64::from(step.only_reads());
            }
        }
        assert!(poisoned >= 3000, "{poisoned} poisoned, {untouched} not");
        assert!(readers >= 10, "{readers} calls that only read were torn down");
    }

    fn a_copy_of_memory_from_before_goes_on_in_a_fresh_instance(version: Version) {
        let mut lua = Lua::metered(version);
        lua.store.set_fuel(PLENTY).expect("an engine with fuel");
        lua.eval("x = 'old' co = coroutine.wrap(function() for i = 1, 10 do coroutine.yield(i) end end) co()");
        lua.write_file("f", b"old file");
        let copy = lua.snapshot();
        let source = "x = 'new' for i = 1, 1000 do co = pcall(error, x) end io.open('f', 'w'):write('new') local t = {} \
                      for i = 1, 3000 do t[i] = {} end";
        let mut random = Random(11);
        for _ in 0..50 {
            let mut lua = Lua::metered(version);
            lua.restore(&copy);
            let buffer = lua.put(source.as_bytes());
            lua.store.set_fuel(10_000 + random.below(200_000)).expect("an engine with fuel");
            assert_eq!(lua.try_call::<_, i32>("compute", buffer), Err(Trap::OutOfFuel));
            lua.store.set_fuel(PLENTY).expect("an engine with fuel");
            assert_eq!(lua.call::<_, i32>("compute", buffer), -status::POISONED);

            // The engine need not be the same.
            let mut fresh = Lua::new(version);
            fresh.restore(&copy);
            assert_eq!(fresh.eval("return x, co(), io.open('f'):read('a')"), "old\t2\told file");
            fresh.assert_usable();
        }
    }

    fn a_stack_limit_of_the_engine_poisons_too(version: Version) {
        let mut lua = Lua::with_stack(version, 48 * 1024);
        lua.assert_usable();
        let copy = lua.snapshot();
        let buffer = lua.put(b"local function f() return ('a'):gsub('a', f) end f()");
        assert_eq!(lua.try_call::<_, i32>("compute", buffer), Err(Trap::StackOverflow));
        assert_poisoned(&mut lua, "stack overflow");
        let mut fresh = Lua::new(version);
        fresh.restore(&copy);
        fresh.assert_usable();
    }
}
