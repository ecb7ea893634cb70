//! What embedding costs: the bare exports on wasmtime, with the pooling allocator and without, beside mlua and Lua's C interface.
//! Lines of JSON; times are medians.

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use mlua::ffi;
use moonlet::Lua;
use moonlet::engine::Engine as MoonletEngine;
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, InstancePre, Linker, Memory, Module, PoolingAllocationConfig,
    Store, TypedFunc,
};

use crate::bench::{MLUA, median, report, resident};

const POOLED: &str = "wasmtime, pooling";
const ON_DEMAND: &str = "wasmtime";
const NATIVE: &str = "Lua's C interface";
const CRATE: &str = "the crate moonlet";

/// Rounds of works that are done in turn.
const ROUNDS: usize = 41;

/// Bytes that the memory of a pooled instance may have.
const ROOM: usize = 64 << 20;

/// Bytes of a memory that an instance in the pool has overwritten when it ends, and not handed back to the system: all that a fresh one has.
const RESIDENT: usize = 256 << 10;

const FORMAT: u32 = 9;
const YIELD: i32 = -1;

/// A module, ready to be instantiated.
struct Bare {
    engine: Engine,
    pre: InstancePre<()>,
}

/// An instance, and those of its exports that are used.
struct Instance {
    store: Store<()>,
    memory: Memory,
    alloc: TypedFunc<u32, u32>,
    dealloc: TypedFunc<(u32, u32), ()>,
    compute: TypedFunc<(u32, u32), i32>,
    call: TypedFunc<(u32, u32), i32>,
    resume: TypedFunc<(i32, u32, u32), i32>,
    result_ptr: TypedFunc<(), u32>,
    instance: wasmtime::Instance,
}

impl Bare {
    /// With so many places in the pool; without a pool for 0. Memories are initialized copy-on-write in either.
    fn new(pool: u32) -> Self {
        let mut config = Config::new();
        if pool > 0 {
            let mut pooling = PoolingAllocationConfig::default();
            pooling.total_core_instances(pool).total_memories(pool).total_tables(pool).max_memory_size(ROOM);
            if pool <= 256 {
                pooling.linear_memory_keep_resident(RESIDENT).table_keep_resident(RESIDENT);
            } else {
                // Reserved for each place: 10,000 of 4 GiB would not fit the address space's maps. So each access is checked, which takes time.
                config.memory_reservation(ROOM as u64);
                config.memory_guard_size(1 << 16);
            }
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pooling));
        }
        let engine = Engine::new(&config).expect("an engine");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../dist/lua54.wasm");
        let module = Module::from_file(&engine, path).expect("dist/lua54.wasm; make dist puts it there");
        let pre = Linker::new(&engine).instantiate_pre(&module).expect("a module without imports");
        Self { engine, pre }
    }

    /// An instance, Lua started in it, and the result of a first run.
    fn first(&self) {
        let mut instance = self.instance();
        let answer = instance.run("return 1");
        assert_eq!(instance.result(answer), b"1");
    }

    /// An instance with the functions that are called, and results in MessagePack.
    fn with_functions(&self) -> Instance {
        let mut instance = self.instance();
        instance.set(FORMAT, 1.0);
        assert!(instance.run(FUNCTIONS) >= 0);
        instance
    }

    fn instantiate(&self) -> (Store<()>, wasmtime::Instance) {
        let mut store = Store::new(&self.engine, ());
        let instance = self.pre.instantiate(&mut store).expect("an instance");
        (store, instance)
    }

    fn instance(&self) -> Instance {
        let (mut store, instance) = self.instantiate();
        let s = &mut store;
        Instance {
            memory: instance.get_memory(&mut *s, "memory").expect("a memory"),
            alloc: instance.get_typed_func(&mut *s, "alloc").expect("an export"),
            dealloc: instance.get_typed_func(&mut *s, "dealloc").expect("an export"),
            compute: instance.get_typed_func(&mut *s, "compute").expect("an export"),
            call: instance.get_typed_func(&mut *s, "call").expect("an export"),
            resume: instance.get_typed_func(&mut *s, "resume").expect("an export"),
            result_ptr: instance.get_typed_func(&mut *s, "result_ptr").expect("an export"),
            store,
            instance,
        }
    }
}

impl Instance {
    /// A buffer that holds the bytes.
    fn put(&mut self, bytes: &[u8]) -> u32 {
        let ptr = self.alloc.call(&mut self.store, bytes.len() as u32).expect("no trap");
        self.memory.write(&mut self.store, ptr as usize, bytes).expect("a buffer");
        ptr
    }

    /// Runs an export with bytes that are put into a buffer for it.
    fn give(&mut self, run: fn(&Self) -> &TypedFunc<(u32, u32), i32>, bytes: &[u8]) -> i32 {
        let (ptr, len) = (self.put(bytes), bytes.len() as u32);
        let run = run(self).clone();
        let answer = run.call(&mut self.store, (ptr, len)).expect("no trap");
        self.dealloc.call(&mut self.store, (ptr, len)).expect("no trap");
        answer
    }

    fn run(&mut self, source: &str) -> i32 {
        self.give(|instance| &instance.compute, source.as_bytes())
    }

    /// The bytes of the last result, of the length that the run answered.
    fn result(&mut self, answer: i32) -> Vec<u8> {
        let ptr = self.result_ptr.call(&mut self.store, ()).expect("no trap");
        let mut bytes = vec![0; usize::try_from(answer).expect("a run that went well")];
        self.memory.read(&self.store, ptr as usize, &mut bytes).expect("a result");
        bytes
    }

    fn set(&mut self, key: u32, value: f64) {
        let set = self.instance.get_typed_func::<(u32, f64), i32>(&mut self.store, "set").expect("an export");
        assert_eq!(set.call(&mut self.store, (key, value)).expect("no trap"), 0);
    }

    fn compact(&mut self) {
        let compact = self.instance.get_typed_func::<(), f64>(&mut self.store, "compact").expect("an export");
        compact.call(&mut self.store, ()).expect("no trap");
    }

    /// Makes this instance what a copy of a memory says.
    fn restore(&mut self, copy: &[u8]) {
        let data = self.memory.data_mut(&mut self.store);
        data[..copy.len()].copy_from_slice(copy);
        data[copy.len()..].fill(0);
    }
}

/// `[name, argument]` in MessagePack, the argument a string.
fn call_with(name: &str, argument: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x92, 0xa0 | name.len() as u8];
    bytes.extend(name.as_bytes());
    bytes.push(0xc6);
    bytes.extend((argument.len() as u32).to_be_bytes());
    bytes.extend(argument);
    bytes
}

fn bare(host: &str, bare: &Bare) {
    report(host, "instantiate", median(300, || drop(black_box(bare.instantiate()))), "us");
    let mut instance = bare.with_functions();
    for (name, bytes, times) in STRINGS {
        let call = call_with("echo", &vec![b'x'; bytes]);
        let echo = || {
            let answer = instance.give(|instance| &instance.call, &call);
            assert!(black_box(instance.result(answer)).len() > bytes);
        };
        report(host, name, median(times, echo), "us");
    }
    let calls = || {
        let mut answer = instance.run("for i = 1, 1000 do host.call('f', i) end");
        let task =
            instance.instance.get_typed_func::<(), i32>(&mut instance.store, "task").expect("an export");
        let task = task.call(&mut instance.store, ()).expect("no trap");
        while answer == YIELD {
            answer = instance.resume.call(&mut instance.store, (task, 0, 0)).expect("no trap");
        }
        assert!(answer >= 0);
    };
    report(host, HOST_CALL, median(20, calls) / 1000.0, "us");
}

const FUNCTIONS: &str = "function empty() end function echo(v) return v end";

const FIRST: &str = "create, first result";
const EMPTY: &str = "empty call";
const HOST_CALL: &str = "host call";
const STRINGS: [(&str, usize, u32); 2] =
    [("a string of 1 kB, there and back", 1000, 5000), ("a string of 1 MB, there and back", 1_000_000, 20)];

/// The medians of works that are done in turn, in microseconds for each of `times`.
fn in_turn<const N: usize>(times: u32, mut works: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut rounds = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (work, rounds) in works.iter_mut().zip(&mut rounds) {
            let start = Instant::now();
            (0..times).for_each(|_| work());
            rounds.push(start.elapsed().as_secs_f64() * 1e6 / f64::from(times));
        }
    }
    rounds.map(|mut rounds| {
        rounds.sort_by(f64::total_cmp);
        rounds[rounds.len() / 2]
    })
}

/// What is compared with mlua and with Lua's C interface, in turn, so that what disturbs the machine disturbs all.
fn beside_others(on_demand: &Bare, pooled: &Bare) {
    let [mut one, mut other] = [on_demand, pooled].map(|bare| {
        let mut instance = bare.with_functions();
        // A host that calls often keeps the buffer.
        let empty = b"\x91\xa5empty";
        let at = (instance.put(empty), empty.len() as u32);
        move || {
            assert_eq!(instance.call.clone().call(&mut instance.store, at).expect("no trap"), 1);
        }
    });
    let lua = mlua::Lua::new();
    lua.load(FUNCTIONS).exec().expect("definitions");
    let mut by_mlua = || find(&lua, "empty").call::<()>(()).expect("a call");
    let hosts = [ON_DEMAND, POOLED, MLUA];
    for (host, time) in hosts.into_iter().zip(in_turn(2000, [&mut one, &mut other, &mut by_mlua])) {
        report(host, EMPTY, time, "us");
    }
    let [mut one, mut other] = [on_demand, pooled].map(|bare| || bare.first());
    let mut by_mlua = || assert_eq!(mlua::Lua::new().load("return 1").eval::<i64>().expect("a result"), 1);
    let works: [&mut dyn FnMut(); 4] = [&mut one, &mut other, &mut by_mlua, &mut natively];
    for (host, time) in [ON_DEMAND, POOLED, MLUA, NATIVE].into_iter().zip(in_turn(50, works)) {
        report(host, FIRST, time, "us");
    }
}

fn find(lua: &mlua::Lua, name: &str) -> mlua::Function {
    lua.globals().get(name).expect("a function")
}

/// Copies of states, beside copies of as many bytes.
fn snapshots(host: &str, bare: &Bare) {
    for (state, fill) in
        [("a small state", ""), ("a state of 10 MB", "t = {} for i = 1, 130000 do t[i] = { i } end")]
    {
        let mut instance = bare.instance();
        assert!(instance.run(fill) >= 0);
        instance.compact();
        let mut copy = instance.memory.data(&instance.store).to_vec();
        let mut target = bare.instance();
        assert!(target.run(fill) >= 0);
        let (source, mut last) = (copy.clone(), copy.clone());
        let times = if fill.is_empty() { 500 } else { 10 };
        let size = format!("{state}: ");
        let bytes = copy.len();
        // Between as many buffers, so that the processor's caches hold as much of either.
        let mut middle = vec![0; bytes];
        let mut copies = || {
            middle.copy_from_slice(black_box(&source));
            last.copy_from_slice(black_box(&middle));
        };
        let mut both = || {
            copy.copy_from_slice(black_box(instance.memory.data(&instance.store)));
            target.restore(black_box(&copy));
        };
        let [copies, both] = in_turn(times, [&mut copies, &mut both]);
        if host == ON_DEMAND {
            report("memcpy", &format!("{size}two copies of its memory"), copies, "us");
        }
        report(host, &format!("{size}snapshot, restore"), both, "us");
        report(host, &format!("{size}compact"), median(times.min(50), || instance.compact()), "us");
        let fork = || {
            let mut fork = bare.instance();
            let pages = (bytes - fork.memory.data_size(&fork.store)) >> 16;
            fork.memory.grow(&mut fork.store, pages as u64).expect("room");
            fork.restore(instance.memory.data(&instance.store));
            drop(black_box(fork));
        };
        report(host, &format!("{size}fork"), median(times.min(50), fork), "us");
    }
}

/// The same by the crate: with checks, hashes, and pages of zeros left out.
fn snapshots_of_the_crate() {
    let engine = MoonletEngine::new().expect("an engine");
    for (state, fill) in
        [("a small state", "x = 1"), ("a state of 10 MB", "t = {} for i = 1, 130000 do t[i] = { i } end")]
    {
        let lua = Lua::builder().engine(&engine).build().expect("a state");
        lua.eval::<()>(fill).expect("a run");
        let both = || lua.restore(&lua.snapshot().expect("a snapshot")).expect("a restore");
        let times = if state.contains("small") { 100 } else { 3 };
        report(CRATE, &format!("{state}: snapshot, restore"), median(times, both), "us");
        report(CRATE, &format!("{state}: fork"), median(times, || drop(lua.fork().expect("a fork"))), "us");
    }
}

fn by_mlua() {
    let lua = mlua::Lua::new();
    lua.load(FUNCTIONS).exec().expect("definitions");
    for (name, bytes, times) in STRINGS {
        let sent = vec![b'x'; bytes];
        let echo = || {
            let back: mlua::String =
                find(&lua, "echo").call(lua.create_string(&sent).expect("a string")).expect("a call");
            assert!(black_box(back.as_bytes().to_vec()).len() == bytes);
        };
        report(MLUA, name, median(times, echo), "us");
    }
    lua.globals().set("f", lua.create_function(|_, _: i64| Ok(())).expect("a function")).expect("set");
    let calls = || lua.load("for i = 1, 1000 do f(i) end").exec().expect("calls");
    report(MLUA, HOST_CALL, median(20, calls) / 1000.0, "us");
}

/// A state of Lua's C interface, and the result of a first run.
fn natively() {
    // SAFETY: the state is one of its own, used as Lua's manual says, and closed.
    unsafe {
        let state = ffi::luaL_newstate();
        ffi::luaL_openlibs(state);
        assert_eq!(ffi::luaL_loadstring(state, c"return 1".as_ptr()), ffi::LUA_OK);
        assert_eq!(ffi::lua_pcall(state, 0, 1, 0), ffi::LUA_OK);
        assert_eq!(ffi::lua_tointeger(state, -1), 1);
        ffi::lua_close(state);
    }
}

/// States that are there at once.
const COUNTS: [u32; 3] = [1, 100, 10_000];

/// Kibibytes of each state, in this process, which has nothing else; printed alone.
fn memory_of(host: &str, count: u32) {
    fn each<T>(count: u32, mut make: impl FnMut() -> T) -> f64 {
        let before = resident();
        let states: Vec<T> = (0..count).map(|_| make()).collect();
        let taken = (resident() - before) / f64::from(count);
        drop(states);
        taken
    }
    let taken = if host == MLUA {
        each(count, || {
            let lua = mlua::Lua::new();
            lua.load("x = 1").exec().expect("a run");
            lua
        })
    } else {
        let bare = Bare::new(if host == POOLED { count } else { 0 });
        each(count, || {
            let mut instance = bare.instance();
            assert!(instance.run("x = 1") >= 0);
            instance
        })
    };
    println!("{taken}");
}

fn memories() {
    for count in COUNTS {
        for host in [ON_DEMAND, POOLED, MLUA] {
            let program = std::env::current_exe().expect("this program has a path");
            let output =
                Command::new(program).args(["embed", host, &count.to_string()]).output().expect("it starts");
            let printed = String::from_utf8_lossy(&output.stdout).trim().parse::<f64>();
            let task = format!("memory of a state, of {count}");
            match printed {
                Ok(taken) => report(host, &task, taken, "KiB"),
                Err(_) => {
                    let told = String::from_utf8_lossy(&output.stderr).into_owned();
                    let why = told
                        .lines()
                        .find(|line| line.contains("Error") || line.contains("err"))
                        .unwrap_or("");
                    eprintln!("{host}, {count} states: {why}");
                }
            }
        }
    }
}

/// All figures; or, with a host and a count, what so many states take.
pub fn run(rest: &[String]) {
    if let [host, count] = rest {
        return memory_of(host, count.parse().expect("a number"));
    }
    println!("{}", serde_json::json!({"versions": {"wasmtime": crate::version("wasmtime")}}));
    let [on_demand, pooled] = [0, 256].map(Bare::new);
    beside_others(&on_demand, &pooled);
    for (host, engine) in [(ON_DEMAND, &on_demand), (POOLED, &pooled)] {
        bare(host, engine);
        snapshots(host, engine);
    }
    snapshots_of_the_crate();
    by_mlua();
    memories();
}
