//! What hosts get wrong: each mistake is an error that says what to do, and the state goes on, or is clearly closed.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use moonlet::engine::{Engine, LUA54};
use moonlet::{Error, ErrorKind, Function, Lua, Object, Value};

use crate::executor::block_on;

fn lua() -> Lua {
    Lua::new().expect("a state")
}

fn assert_usable(lua: &Lua) {
    assert_eq!(lua.eval::<i64>("return 2 + 2").expect("usable"), 4);
}

#[test]
fn the_types_may_be_shared_and_sent() {
    fn check<T: Send + Sync>() {}
    check::<Lua>();
    check::<Function>();
    check::<Object>();
    check::<Value>();
    check::<Error>();
    check::<Engine>();
    check::<moonlet::LuaBuilder>();
    check::<moonlet::Task>();
}

#[test]
fn wrong_types_are_told_with_their_place() {
    let lua = lua();
    lua.define("f", |_: HashMap<String, Vec<i64>>| ()).expect("defined");
    let error = lua.eval::<()>("f({a = {1, 'x'}})").expect_err("no integer");
    assert_eq!(error.message(), "bad argument #1 to 'f' (integer expected, got string)");
    let error = lua.eval::<HashMap<String, i64>>("return 5").expect_err("no table");
    assert_eq!(error.message(), "result #1: table expected, got integer");
    let error = lua.call::<()>("", ()).expect_err("no path");
    assert!(matches!(error.kind(), ErrorKind::Runtime | ErrorKind::Refused), "{error}");
    assert!(lua.set("", 1).is_ok(), "an odd name, but one of Lua's");
    assert!(lua.get::<i64>("a..b").is_err());
    assert_usable(&lua);
}

#[test]
fn what_is_no_module_of_ours_is_refused() {
    let refuse = |bytes: &[u8], say: &str| {
        let error = Engine::builder().module(bytes).build().expect_err(say);
        assert_eq!(error.kind(), ErrorKind::Engine);
        assert!(error.message().contains(say), "{error}");
    };
    refuse(b"", "lua54.wasm");
    refuse(b"-- Lua source", "lua54.wasm");
    refuse(b"\0asm\x01\0\0\0", "export");
    refuse(&LUA54[..LUA54.len() / 2], "cannot be used");
    let (before, after) = another_abi();
    refuse(&before, "ABI 2");
    assert_eq!(after, "Lua 5.4", "the bytes themselves are well");
}

/// The module with another answer of `abi_version`, and what the right one says of itself.
fn another_abi() -> (Vec<u8>, String) {
    // `i32.const 65536; end`, once in the file.
    let code = [0x41, 0x80, 0x80, 0x04, 0x0b];
    let places: Vec<usize> =
        LUA54.windows(code.len()).enumerate().filter(|(_, bytes)| *bytes == code).map(|(at, _)| at).collect();
    let changed = places.iter().find_map(|at| {
        let mut bytes = LUA54.to_vec();
        bytes[at + 3] = 0x08;
        let error = Engine::builder().module(bytes.clone()).build().err()?;
        error.message().contains("ABI").then_some(bytes)
    });
    (changed.expect("abi_version is a constant"), lua().eval("return _VERSION").expect("a version"))
}

#[test]
fn after_close_everything_says_so() {
    let lua = lua();
    let function: Function = lua.eval("return print").expect("a function");
    let other = lua.clone();
    let mut task = lua.start("host.call('x')").expect("a task");
    lua.close();
    lua.close();
    let closed = [
        other.eval::<()>("").expect_err("closed"),
        other.call::<()>("print", ()).expect_err("closed"),
        other.set("x", 1).expect_err("closed"),
        other.define("f", || ()).expect_err("closed"),
        other.snapshot().expect_err("closed"),
        other.restore(b"").expect_err("closed"),
        other.fork().expect_err("closed"),
        other.reset().expect_err("closed"),
        other.stats().expect_err("closed"),
        other.files().list().expect_err("closed"),
        other.files().write("a", "b").expect_err("closed"),
        other.tasks().expect_err("closed"),
        other.write_input(b"").expect_err("closed"),
        function.call::<()>(()).expect_err("closed"),
        task.resume(()).expect_err("closed"),
        block_on(other.eval_async::<()>("")).expect_err("closed"),
    ];
    for error in closed {
        assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    }
    drop((lua, other, task));
    assert_eq!(function.call::<()>(()).expect_err("gone").kind(), ErrorKind::Closed);
}

#[test]
fn a_state_closed_by_its_own_function_ends_there() {
    let lua = lua();
    lua.define("close", |lua: Lua| lua.close()).expect("defined");
    assert_eq!(lua.eval::<()>("close() error('not reached')").expect_err("closed").kind(), ErrorKind::Closed);
}

#[test]
fn threads_take_turns() {
    let lua = lua();
    lua.eval::<()>("n = 0 function count() for i = 1, 1000 do n = n + 1 end return n end").expect("defined");
    lua.define("nap", || std::thread::sleep(Duration::from_millis(1))).expect("defined");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    lua.call::<i64>("count", ()).expect("a count");
                    lua.eval::<()>("nap()").expect("a nap");
                }
            });
        }
    });
    assert_eq!(lua.get::<i64>("n").expect("a count"), 80_000);
    let moved = std::thread::spawn(move || lua.eval::<i64>("return n")).join().expect("no panic");
    assert_eq!(moved.expect("a count"), 80_000);
}

#[test]
fn a_state_changes_from_within_a_running_call() {
    let lua = lua();
    let waiting = lua.start("host.call('x') return 5").expect("a task");
    let snapshot = lua.snapshot().expect("a snapshot");
    lua.define("use", |lua: Lua| -> Result<i64, Error> {
        lua.set("x", 1)?;
        lua.define("new", || 2)?;
        lua.files().write("f", "contents")?;
        lua.compact()?;
        lua.eval("return x + new()")
    })
    .expect("defined");
    assert_eq!(lua.eval::<i64>("return use()").expect("3"), 3);
    lua.define("reset", |lua: Lua| lua.reset()).expect("defined");
    let error = lua.eval::<()>("reset()").expect_err("the caller is gone");
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert_usable(&lua);
    lua.define("restore", move |lua: Lua| lua.restore(&snapshot)).expect("defined");
    let error = lua.eval::<()>("restore()").expect_err("the caller is gone");
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert_usable(&lua);
    drop(waiting);
    let mut tasks = lua.tasks().expect("tasks");
    tasks[0]
        .resume(())
        .expect("the task of the snapshot waits still, though its number was the caller's, too");
    assert_eq!(tasks[0].result::<i64>().expect("5"), 5);
}

#[test]
fn a_panic_of_a_host_function_goes_through_and_the_state_goes_on() {
    let lua = lua();
    lua.define("panics", || -> () { panic!("out of reach of pcall") }).expect("defined");
    let caught = catch_unwind(AssertUnwindSafe(|| lua.eval::<()>("pcall(panics)")));
    let payload = caught.expect_err("the panic of the host is the host's");
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"out of reach of pcall"));
    assert_usable(&lua);
    assert_eq!(lua.stats().expect("figures").tasks, 0, "the script was ended");
    for _ in 0..100 {
        let _ = catch_unwind(AssertUnwindSafe(|| lua.eval::<()>("panics()")));
    }
    assert_usable(&lua);
}

#[test]
fn a_panic_of_the_output_function_ends_the_script_too() {
    let lua = Lua::builder().output(|_| panic!("no room")).build().expect("a state");
    lua.define("f", || ()).expect("defined");
    for source in [
        "print('x') f()",
        "print(('y'):rep(100000)) f()",
        "local guard <close> = setmetatable({}, {__close = function() print('z') end}) print('x') f()",
    ] {
        catch_unwind(AssertUnwindSafe(|| lua.eval::<()>(source)))
            .expect_err("the panic of the host is the host's");
        assert_eq!(lua.stats().expect("figures").tasks, 0, "the script was ended");
        assert_usable(&lua);
    }
}

#[test]
fn functions_and_objects_of_another_state_are_told_apart() {
    let (one, other) = (lua(), lua());
    let function: Function = one.eval("return print").expect("a function");
    let error = other.set("f", &function).expect_err("of another state");
    assert!(error.message().contains("another Lua state"), "{error}");
    other.define("give", move || function.clone()).expect("defined");
    let error = other.eval::<()>("give()").expect_err("of another state");
    assert!(error.message().contains("another Lua state"), "{error}");
    assert!(error.source().is_some());
    let object = Object::new(Arc::new(5));
    for lua in [&one, &other] {
        lua.set("object", &object).expect("objects are the host's own");
        assert_eq!(lua.get::<Object>("object").expect("the object"), object);
    }
}

#[test]
fn options_that_cannot_be_are_refused() {
    let error = Lua::builder().fuel(u64::MAX).build().expect_err("too large");
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Refused, "fuel cannot be 18446744073709551615; 0 means no limit")
    );
    let error = Lua::builder().clock(f64::NAN).build().expect_err("no time");
    assert_eq!(error.kind(), ErrorKind::Refused);
    let lua = lua();
    assert_eq!(lua.set_fuel(u64::MAX).expect_err("too large").kind(), ErrorKind::Refused);
    assert_usable(&lua);
}

#[test]
fn a_state_with_hardly_any_memory_says_so() {
    match Lua::builder().memory(1).build() {
        Ok(lua) => {
            let error = lua.eval::<String>("return ('x'):rep(100000)").expect_err("no memory");
            assert!(matches!(error.kind(), ErrorKind::Memory | ErrorKind::Refused), "{error:?}");
        }
        Err(error) => assert!(matches!(error.kind(), ErrorKind::Memory | ErrorKind::Refused), "{error:?}"),
    }
}

#[test]
fn a_damaged_instance_is_poisoned_and_crashes_nothing() {
    use moonlet::Libraries;
    let lua = Lua::builder().libraries(Libraries::SAFE | Libraries::DEBUG_FULL).build().expect("a state");
    let snapshot = lua.snapshot().expect("a snapshot");
    let error =
        lua.eval::<()>("local f = coroutine.wrap(print) debug.setupvalue(f, 1, 5) f()").expect_err("a trap");
    assert_eq!(error.kind(), ErrorKind::Poisoned, "{error}");
    lua.restore(&snapshot).expect("a restore heals");
    assert_usable(&lua);
}
