//! Fuel, memory, time, cancelling, nesting.

use std::time::Duration;

use moonlet::engine::{Engine, Runtime};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use moonlet::{BoxError, ErrorKind, Lua, Value};

const ENDLESS: &str = "while true do pcall(error) end";

fn assert_usable(lua: &Lua) {
    assert_eq!(lua.eval::<i64>("return 2 + 2").expect("usable"), 4);
}

#[test]
fn fuel_and_memory_end_a_script() {
    let lua = Lua::builder().memory(8 << 20).fuel(10_000_000).build().expect("a state");
    assert_eq!(lua.eval::<()>(ENDLESS).expect_err("no fuel").kind(), ErrorKind::Budget);
    let stats = lua.stats().expect("figures");
    assert!((10_000_000..11_000_000).contains(&stats.fuel_used), "{stats:?}");
    let fill = "local t = {} while true do t[#t + 1] = ('x'):rep(1000) end";
    assert_eq!(lua.eval::<()>(fill).expect_err("no memory").kind(), ErrorKind::Memory);
    let stats = lua.stats().expect("figures");
    assert!(stats.memory_peak > 7 << 20 && stats.memory_peak < 9 << 20, "{stats:?}");
    assert_usable(&lua);
    lua.set_fuel(0).expect("an option");
    assert!(lua.eval::<()>("for i = 1, 20000000 do end").is_ok(), "no limit");
}

#[test]
fn memory_can_be_raised_and_lowered() {
    let lua = Lua::builder().memory(1 << 20).build().expect("a state");
    let fill = |bytes: u32| lua.load("return #('x'):rep(...)").call::<u32>(bytes);
    assert_eq!(fill(4 << 20).expect_err("no memory").kind(), ErrorKind::Memory);
    lua.set_memory(64 << 20).expect("an option");
    assert_eq!(fill(16 << 20).ok(), Some(16 << 20));
    lua.set_memory(1 << 20).expect("an option");
    assert_eq!(fill(4 << 20).expect_err("no memory").kind(), ErrorKind::Memory);
    lua.set_memory(0).expect("an option");
    assert_eq!(fill(80 << 20).ok(), Some(80 << 20));
}

#[test]
fn time_ends_a_script_at_the_end_of_its_slice() {
    let lua = Lua::builder().timeout(Duration::from_millis(50)).build().expect("a state");
    let error = lua.eval::<()>(ENDLESS).expect_err("no time");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Cancelled, 19));
    assert!(error.message().contains("50ms"), "{error}");
    assert_usable(&lua);
    lua.define("slow", || std::thread::sleep(Duration::from_millis(80))).expect("defined");
    let error = lua.eval::<()>("slow() reached = true").expect_err("no time");
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(lua.get::<Value>("reached").expect("nil"), Value::Nil);
    assert_usable(&lua);
}

/// A finalizer cannot be left halfway, and without fuel nothing else ends it.
#[test]
fn the_engine_stops_what_does_not_come_back() {
    for runtime in [Runtime::Wasmtime, Runtime::Wasmi] {
        let engine = Engine::builder().runtime(runtime).build().expect("an engine");
        let lua = Lua::builder().engine(&engine).timeout(Duration::from_millis(20)).build().expect("a state");
        let snapshot = lua.snapshot().expect("a snapshot");
        let error = lua
            .eval::<()>("setmetatable({}, {__gc = function() while true do end end}) collectgarbage()")
            .expect_err("torn down");
        assert_eq!((error.kind(), error.status()), (ErrorKind::Poisoned, 36), "{error}");
        assert_eq!(lua.eval::<i64>("return 2 + 2").expect_err("poisoned").kind(), ErrorKind::Poisoned);
        assert_eq!(lua.stats().expect_err("poisoned").kind(), ErrorKind::Poisoned);
        assert_eq!(lua.snapshot().expect_err("poisoned").kind(), ErrorKind::Poisoned);
        lua.restore(&snapshot).expect("a restore heals");
        assert_usable(&lua);
    }
}

#[test]
fn a_canceller_ends_what_runs_and_nothing_later() {
    let lua = Lua::new().expect("a state");
    let canceller = lua.canceller();
    lua.define("now", move || canceller.cancel()).expect("defined");
    let source = "closed = 0 local guard <close> = setmetatable({}, {__close = function() closed = closed + 1 end}) now() while true do end";
    let error = lua.eval::<()>(source).expect_err("cancelled");
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(lua.get::<i64>("closed").expect("a count"), 1);
    assert_usable(&lua);
    let canceller = lua.canceller();
    let other = lua.clone();
    let running = std::thread::spawn(move || other.eval::<()>("started = true while true do end"));
    while !lua.get::<Option<bool>>("started").expect("a flag").unwrap_or(false) {}
    canceller.cancel();
    assert_eq!(running.join().expect("no panic").expect_err("cancelled").kind(), ErrorKind::Cancelled);
}

/// Its `__close` handler has a little fuel, and then no more.
#[test]
fn a_script_that_refuses_to_end_is_ended() {
    let lua = Lua::new().expect("a state");
    let canceller = lua.canceller();
    lua.define("now", move || canceller.cancel()).expect("defined");
    let source = "local guard <close> = setmetatable({}, {__close = function() while true do end end}) now()";
    assert_eq!(lua.eval::<()>(source).expect_err("cancelled").kind(), ErrorKind::Cancelled);
    assert_usable(&lua);
    assert!(lua.eval::<()>("for i = 1, 3000000 do end").is_ok(), "the state has its own limit again");
}

#[test]
fn recursion_through_the_host_ends() {
    let lua = Lua::new().expect("a state");
    lua.define("deeper", |lua: Lua, n: i64| -> Result<i64, BoxError> {
        Ok(lua.eval(format!("return deeper({})", n + 1))?)
    })
    .expect("defined");
    let error = lua.eval::<i64>("return deeper(1)").expect_err("too deep");
    assert!(error.message().contains("16") && error.message().contains("nesting"), "{error}");
    let caught: i64 = lua
        .load("local n = 0 function f() n = n + 1 if n < 10000 then pcall(deep) end end f() return n")
        .eval()
        .expect("no function `deep`, so one call");
    assert_eq!(caught, 1);
    lua.define("deep", |lua: Lua| lua.call::<()>("f", ())).expect("defined");
    let count: i64 = lua
        .eval("n = 0 function f() n = n + 1 if n < 10000 then deep() end end pcall(f) return n")
        .expect("a count");
    assert_eq!(count, 17, "the first and 16 within host functions");
    assert_usable(&lua);
    assert_eq!(lua.stats().expect("figures").tasks, 0);
}

/// What takes output is code of the host, too, and may print.
#[test]
fn recursion_through_the_output_ends() {
    static STATE: OnceLock<Lua> = OnceLock::new();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let output = move |_: &[u8]| {
        counted.fetch_add(1, Ordering::Relaxed);
        let _ = STATE.get().map(|lua| lua.eval::<()>("print('again')"));
    };
    let lua = STATE.get_or_init(|| Lua::builder().output(output).build().expect("a state"));
    lua.eval::<()>("print('once')").expect("printed");
    assert_eq!(count.load(Ordering::Relaxed), 17);
    assert_usable(lua);
}

#[test]
fn the_number_of_host_calls_and_the_size_of_results_are_limited() {
    let lua = Lua::builder().host_calls(3).result(100).build().expect("a state");
    lua.define("f", || ()).expect("defined");
    assert!(lua.eval::<()>("f() f() f()").is_ok());
    assert_eq!(lua.eval::<()>("f() f() f() f()").expect_err("too many").kind(), ErrorKind::Runtime);
    let error = lua.eval::<String>("return ('x'):rep(1000)").expect_err("too large");
    assert_eq!(error.status(), 22);
    assert_usable(&lua);
}

#[test]
fn equal_runs_give_equal_bytes_when_told_to() {
    let run = |lua: Lua| {
        lua.eval::<(f64, i64, String)>("return math.random(), os.time(), os.date('%Z')").expect("values")
    };
    let fixed = || Lua::builder().deterministic().build().expect("a state");
    assert_eq!(run(fixed()), run(fixed()));
    assert_eq!(run(fixed()).1, 0);
    let (free, other) = (run(Lua::new().expect("a state")), run(Lua::new().expect("a state")));
    assert_ne!(free.0, other.0, "seeds come from the system");
    assert!(free.1 > 1_600_000_000, "the time is the system's");
    let zoned = Lua::builder().time_zone("CET-1CEST,M3.5.0,M10.5.0/3").clock(0.0).build().expect("a state");
    assert_eq!(zoned.eval::<String>("return os.date('%H %Z')").expect("a time"), "01 CET");
    let error = Lua::builder().time_zone("Europe/Berlin").build().expect_err("no form of POSIX");
    assert!(error.message().contains("CET-1CEST"), "{error}");
}

#[test]
fn libraries_are_chosen() {
    use moonlet::Libraries;
    let lua = Lua::builder().libraries(Libraries::BASE | Libraries::STRING).build().expect("a state");
    assert_eq!(
        lua.eval::<(String, String)>("return type(string), type(os)").expect("types"),
        ("table".into(), "nil".into())
    );
}
