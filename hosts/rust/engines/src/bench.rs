//! Ten tasks, by this crate and by mlua in the same process, and what the crate adds to the bare exports. Each line is a JSON object; times are medians.

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use moonlet::engine::{Engine, Export, Instance, Runtime};
use moonlet::{Lua, Version};

const SPIN: &str = "while true do end";
const TABLE: &str = "local t = {} for i = 1, ... do t[i] = ('%09d'):format(i) end return t";

/// Prints a figure.
pub fn report(host: &str, task: &str, value: f64, unit: &str) {
    println!("{}", serde_json::json!({"task": task, "host": host, "value": value, "unit": unit}));
}

/// The median of several rounds, in microseconds for each of `times`.
pub fn median(times: u32, mut work: impl FnMut()) -> f64 {
    let mut rounds: Vec<f64> = (0..9)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..times {
                work();
            }
            start.elapsed().as_secs_f64() * 1e6 / f64::from(times)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

/// Kibibytes of this process in memory.
pub fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(f64::NAN)
}

/// What a state takes, of 100 that are there at once.
fn memory<T>(host: &str, state: impl Fn() -> T) {
    let before = resident();
    let states: Vec<T> = (0..100).map(|_| state()).collect();
    report(host, "memory of a state, of 100", (resident() - before) / 100.0, "KiB");
    drop(states);
}

fn executor() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("an executor")
}

fn moonlet_on(host: &str, engine: &Engine) {
    let new = || Lua::builder().engine(engine).build().expect("a state");
    report(host, "create", median(200, || drop(black_box(new()))), "us");
    let first = || drop(black_box(new().eval::<String>("return 'hello'")));
    report(host, "create, first result", median(200, first), "us");
    let lua = new();
    report(host, "hello", median(2000, || drop(black_box(lua.eval::<String>("return 'hello'")))), "us");
    lua.eval::<()>("function empty() end function echo(v) return v end").expect("definitions");
    report(host, "empty call", median(20_000, || lua.call::<()>("empty", ()).expect("a call")), "us");
    let empty: moonlet::Function = lua.get("empty").expect("a function");
    report(
        host,
        "empty call of a function held",
        median(20_000, || empty.call::<()>(()).expect("a call")),
        "us",
    );
    for (name, count, times) in [("1 kB of values", 100, 500), ("1 MB of values", 100_000, 3)] {
        let values: Vec<String> = lua.load(TABLE).call(count).expect("strings");
        report(
            host,
            name,
            median(times, || drop(black_box(lua.call::<Vec<String>>("echo", (values.clone(),))))),
            "us",
        );
    }
    lua.define("add", |a: i64, b: i64| a + b).expect("defined");
    let calls = "for i = 1, 1000 do add(i, i) end";
    report(host, "host call", median(10, || lua.eval::<()>(calls).expect("calls")) / 1000.0, "us");
    lua.define_async("later", |n: i64| async move { n }).expect("defined");
    let executor = executor();
    let calls = "for i = 1, 1000 do later(i) end";
    let waits = || executor.block_on(lua.eval_async::<()>(calls)).expect("calls");
    report(host, "async host call", median(10, waits) / 1000.0, "us");
    let limited = Lua::builder().engine(engine).fuel(10_000_000).build().expect("a state");
    report(
        host,
        "hostile script stopped: 10,000,000 units of `while true do end`",
        median(1, || drop(limited.eval::<()>(SPIN))),
        "us",
    );
    memory(host, || {
        let lua = new();
        lua.eval::<()>("x = 1").expect("a run");
        lua
    });
}

fn bare(engine: &Engine) {
    let mut instance = engine.instantiate().expect("an instance");
    let give = |instance: &mut Box<dyn Instance>, export, data: &[u8]| {
        let ptr =
            instance.call(Export::Alloc, [data.len() as u32, 0, 0, 0]).expect("no trap").cast_unsigned();
        assert!(instance.write(ptr, data));
        (export, ptr, data.len() as u32)
    };
    let (export, ptr, len) = give(&mut instance, Export::Compute, b"function empty() end");
    instance.call(export, [ptr, len, 0, 0]).expect("no trap");
    let (export, ptr, len) = give(&mut instance, Export::Call, b"\x91\xa5empty");
    let call = || assert_eq!(instance.call(export, [ptr, len, 0, 0]).expect("no trap"), 0);
    report("the bare exports on wasmtime", "empty call", median(20_000, call), "us");
}

/// mlua and its version.
pub const MLUA: &str = "mlua 0.11.6";

fn mlua() {
    use mlua::{HookTriggers, Lua as Mlua, VmState};
    let host = MLUA;
    report(host, "create", median(200, || drop(black_box(Mlua::new()))), "us");
    let first = || drop(black_box(Mlua::new().load("return 'hello'").eval::<String>()));
    report(host, "create, first result", median(200, first), "us");
    let lua = Mlua::new();
    report(
        host,
        "hello",
        median(2000, || drop(black_box(lua.load("return 'hello'").eval::<String>()))),
        "us",
    );
    lua.load("function empty() end function echo(v) return v end").exec().expect("definitions");
    let find = |name: &str| lua.globals().get::<mlua::Function>(name).expect("a function");
    report(host, "empty call", median(20_000, || find("empty").call::<()>(()).expect("a call")), "us");
    let empty = find("empty");
    report(
        host,
        "empty call of a function held",
        median(20_000, || empty.call::<()>(()).expect("a call")),
        "us",
    );
    for (name, count, times) in [("1 kB of values", 100, 500), ("1 MB of values", 100_000, 3)] {
        let values: Vec<String> = lua.load(TABLE).call(count).expect("strings");
        let echo = find("echo");
        report(host, name, median(times, || drop(black_box(echo.call::<Vec<String>>(values.clone())))), "us");
    }
    let add = lua.create_function(|_, (a, b): (i64, i64)| Ok(a + b)).expect("a function");
    lua.globals().set("add", add).expect("set");
    let calls = "for i = 1, 1000 do add(i, i) end";
    report(host, "host call", median(10, || lua.load(calls).exec().expect("calls")) / 1000.0, "us");
    let later = lua.create_async_function(|_, n: i64| async move { Ok(n) }).expect("a function");
    lua.globals().set("later", later).expect("set");
    let executor = executor();
    let calls = "for i = 1, 1000 do later(i) end";
    let waits = || executor.block_on(lua.load(calls).exec_async()).expect("calls");
    report(host, "async host call", median(10, waits) / 1000.0, "us");
    // A hook after so many instructions is what mlua has for it; a script that catches its error in a loop is not ended by it.
    let stopped = || {
        let hooks = AtomicUsize::new(0);
        let hook = move |_: &Mlua, _: &mlua::Debug| {
            if hooks.fetch_add(1, Ordering::Relaxed) == 999 {
                Err(mlua::Error::runtime("stopped"))
            } else {
                Ok(VmState::Continue)
            }
        };
        lua.set_hook(HookTriggers::new().every_nth_instruction(10_000), hook).expect("a hook");
        drop(lua.load(SPIN).exec());
        lua.remove_hook();
    };
    report(host, "hostile script stopped: 10,000,000 units of `while true do end`", median(1, stopped), "us");
}

pub fn run() {
    // First, while the process has no freed memory that states could take.
    memory(MLUA, || {
        let lua = mlua::Lua::new();
        lua.load("x = 1").exec().expect("a run");
        lua
    });
    let compile = Instant::now();
    let engine = Engine::new().expect("an engine");
    report("moonlet on wasmtime", "compile", compile.elapsed().as_secs_f64() * 1e6, "us");
    let folder = std::env::temp_dir().join(format!("moonlet-bench-{}", std::process::id()));
    let cached = || Engine::builder().cache(&folder).build().expect("an engine");
    drop(cached());
    report("moonlet on wasmtime", "compile, from the cache", median(5, || drop(cached())), "us");
    let _ = std::fs::remove_dir_all(&folder);
    bare(&engine);
    moonlet_on("moonlet on wasmtime", &engine);
    let plain = Engine::builder().stoppable(false).build().expect("an engine");
    moonlet_on("moonlet on wasmtime, not stoppable", &plain);
    let pooled = Engine::builder().pooling(256, 256 << 20).build().expect("an engine");
    moonlet_on("moonlet on wasmtime, pooling", &pooled);
    let wasmi = Engine::builder().runtime(Runtime::Wasmi).version(Version::Lua54).build().expect("an engine");
    moonlet_on("moonlet on wasmi", &wasmi);
    mlua();
}
