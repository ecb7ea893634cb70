//! Snapshots: taken, restored, forked, refused.

use std::sync::atomic::{AtomicI64, Ordering};

use moonlet::engine::{Engine, Runtime};
use moonlet::{Class, ErrorKind, Function, Functions, Lua, Object, TaskKind, Version};

const ASKS: &str = "local name = ask('name') return 'Hello ' .. name";

fn waiting() -> (Lua, Vec<u8>) {
    let lua = Lua::new().expect("a state");
    lua.define_waiting("ask").expect("defined");
    let task = lua.start(ASKS).expect("a task");
    assert_eq!(task.kind(), TaskKind::Call);
    let snapshot = lua.snapshot().expect("a snapshot");
    (lua, snapshot)
}

fn answer(lua: &Lua) -> String {
    let mut tasks = lua.tasks().expect("tasks");
    let task = &mut tasks[0];
    assert_eq!((task.name(), task.arguments::<String>().expect("a string").as_str()), (Some("ask"), "name"));
    task.resume("Ada").expect("done");
    task.result().expect("a result")
}

#[test]
fn a_task_goes_on_in_another_state_and_on_another_engine() {
    let (lua, snapshot) = waiting();
    lua.close();
    for _ in 0..2 {
        assert_eq!(answer(&Lua::builder().restore(&snapshot).expect("restored")), "Hello Ada");
    }
    let wasmi = Engine::builder().runtime(Runtime::Wasmi).build().expect("an engine");
    assert_eq!(answer(&Lua::builder().engine(&wasmi).restore(&snapshot).expect("restored")), "Hello Ada");
}

#[test]
fn a_state_goes_back_to_its_snapshot() {
    let lua = Lua::new().expect("a state");
    lua.define("add", |a: i64, b: i64| a + b).expect("defined");
    lua.set("x", 1).expect("set");
    let held: Function = lua.eval("return print").expect("a function");
    let snapshot = lua.snapshot().expect("a snapshot");
    lua.eval::<()>("x = 2 add = nil big = ('x'):rep(1000000)").expect("changed");
    lua.restore(&snapshot).expect("restored");
    assert_eq!(lua.eval::<i64>("return add(x, 1)").expect("2"), 2);
    let error = held.call::<()>(()).expect_err("of an earlier life");
    assert!(error.message().contains("before its restore"), "{error}");
    drop(held);
    assert_eq!(lua.eval::<i64>("return 2 + 2").expect("usable"), 4);
}

#[test]
fn options_are_those_of_the_state_that_restores() {
    let lua = Lua::builder().fuel(1_000_000).build().expect("a state");
    let snapshot = lua.snapshot().expect("a snapshot");
    let other = Lua::builder().restore(&snapshot).expect("restored");
    assert!(other.eval::<()>("for i = 1, 2000000 do end").is_ok(), "no limit here");
    let tight = Lua::builder().fuel(1000).restore(&snapshot).expect("restored");
    assert_eq!(tight.eval::<()>("for i = 1, 2000000 do end").expect_err("no fuel").kind(), ErrorKind::Budget);
}

#[test]
fn options_that_were_set_later_stay_too() {
    let lua = Lua::new().expect("a state");
    let snapshot = lua.snapshot().expect("a snapshot");
    lua.set_fuel(1000).expect("an option");
    lua.set_memory(1 << 20).expect("an option");
    lua.restore(&snapshot).expect("restored");
    for lua in [&lua, &lua.fork().expect("a fork")] {
        assert_eq!(lua.eval::<()>("for i = 1, 2000 do end").expect_err("no fuel").kind(), ErrorKind::Budget);
        let large = lua.eval::<()>("return #('x'):rep(4 << 20)").expect_err("no memory");
        assert!(matches!(large.kind(), ErrorKind::Memory | ErrorKind::Budget), "{large}");
        lua.set_fuel(0).expect("an option");
        assert_eq!(
            lua.eval::<()>("return #('x'):rep(4 << 20)").expect_err("no memory").kind(),
            ErrorKind::Memory
        );
    }
}

#[test]
fn restored_states_know_the_host_functions_they_are_given() {
    let functions = Functions::new().with("add", |a: i64, b: i64| a + b);
    let lua = Lua::builder().functions(&functions).build().expect("a state");
    lua.eval::<()>("sum = add").expect("another name");
    let snapshot = lua.snapshot().expect("a snapshot");
    let other = Lua::builder().functions(&functions).restore(&snapshot).expect("restored");
    assert_eq!(other.eval::<i64>("return sum(1, 2)").expect("3"), 3);
}

#[test]
fn a_fork_shares_nothing_that_a_script_can_change() {
    let lua = Lua::new().expect("a state");
    lua.define("add", |a: i64, b: i64| a + b).expect("defined");
    let class = Class::<AtomicI64>::new("Counter").getter("value", |n: &AtomicI64| n.load(Ordering::Relaxed));
    lua.set("c", class.object(AtomicI64::new(7))).expect("set");
    lua.set("x", 1).expect("set");
    let fork = lua.fork().expect("a fork");
    fork.set("x", 2).expect("set");
    assert_eq!((lua.get::<i64>("x").expect("1"), fork.get::<i64>("x").expect("2")), (1, 2));
    assert_eq!(fork.eval::<(i64, i64)>("return add(x, 1), c.value").expect("both work"), (3, 7));
}

/// An object cannot go along; what stands for it says so, and new ones get other numbers.
#[test]
fn objects_of_another_process_are_lost() {
    let lua = Lua::new().expect("a state");
    lua.set("old", Object::new(1)).expect("set");
    let other = Lua::builder().restore(&lua.snapshot().expect("a snapshot")).expect("restored");
    assert!(other.get::<Object>("old").expect("an object").is_lost());
    let error = other.eval::<()>("old()").expect_err("nothing there");
    assert!(error.message().contains("does not have"), "{error}");
    for _ in 0..100 {
        assert!(!other.load("return ... == old").call::<bool>(Object::new(2)).expect("compared"));
    }
}

#[test]
fn damaged_bytes_are_refused_and_nothing_changes() {
    let (_, snapshot) = waiting();
    let lua = Lua::new().expect("a state");
    lua.set("x", 5).expect("set");
    let refuse = |bytes: &[u8], say: &str| {
        let error = lua.restore(bytes).expect_err(say);
        assert_eq!(error.kind(), ErrorKind::Snapshot);
        assert!(error.message().contains(say), "{error}");
        assert_eq!(lua.get::<i64>("x").expect("untouched"), 5);
    };
    refuse(b"", "no snapshot");
    refuse(b"PK\x03\x04 something else", "no snapshot");
    for len in [8, 127, 128, 129, snapshot.len() - 1] {
        refuse(&snapshot[..len], if len < 128 { "cut short" } else { "payload" });
    }
    refuse(&[&snapshot[..], b"x"].concat(), "payload");
    for at in (8..128).chain([128, 200, 5000, snapshot.len() - 1]) {
        let mut damaged = snapshot.clone();
        damaged[at] ^= 1;
        refuse(&damaged, "snapshot");
    }
    let other = Lua::builder().version(Version::Lua55).build().expect("a state");
    let error = other.restore(&snapshot).expect_err("another Lua");
    assert!(error.message().contains("another build of Lua 5.4"), "{error}");
}

#[test]
fn snapshots_do_not_grow_by_being_restored() {
    let (_, mut snapshot) = waiting();
    let first = snapshot.len();
    for _ in 0..20 {
        let lua = Lua::builder().restore(&snapshot).expect("restored");
        lua.eval::<()>("return 1").expect("a call");
        snapshot = lua.snapshot().expect("a snapshot");
    }
    assert_eq!(snapshot.len(), first);
}
