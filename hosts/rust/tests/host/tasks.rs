//! Tasks that the host steps itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use moonlet::{ErrorKind, Function, Lua, TaskKind, Value, Variadic};

fn lua() -> Lua {
    let lua = Lua::builder().slice(10_000).build().expect("a state");
    lua.define_waiting("ask").expect("defined");
    lua.define("add", |a: i64, b: i64| a + b).expect("defined");
    lua
}

#[test]
fn a_task_waits_for_the_host() {
    let lua = lua();
    let mut task = lua.start("local a = ask('first', 1) return add(a, ask('second'))").expect("a task");
    assert_eq!((task.kind(), task.name()), (TaskKind::Call, Some("ask")));
    assert_eq!(task.arguments::<(String, i64)>().expect("arguments"), ("first".into(), 1));
    let error = task.result::<i64>().expect_err("not yet");
    assert_eq!(error.kind(), ErrorKind::Refused);
    task.resume(40).expect("goes on");
    assert_eq!(task.arguments::<String>().expect("arguments"), "second");
    task.resume(2).expect("goes on");
    assert_eq!((task.kind(), task.name(), task.id()), (TaskKind::Done, None, None));
    assert_eq!(task.result::<i64>().expect("a result"), 42);
    assert_eq!(task.resume(()).expect_err("over").kind(), ErrorKind::Refused);
}

#[test]
fn an_undefined_function_waits_too() {
    let mut task = lua().start("return host.call('unknown', 5)").expect("a task");
    assert_eq!((task.name(), task.arguments::<i64>().expect("5")), (Some("unknown"), 5));
    task.fail("nobody knows").expect_err("the script ends by it");
    assert_eq!(task.kind(), TaskKind::Done);
}

#[test]
fn a_task_is_failed_and_cancelled() {
    let lua = lua();
    let mut task = lua.start("local ok, e = pcall(ask) return e").expect("a task");
    task.fail("no answer").expect("caught");
    assert_eq!(task.result::<String>().expect("the error"), "no answer");
    let source = "local g <close> = setmetatable({}, {__close = function() closed = true end}) ask()";
    let mut task = lua.start(source).expect("a task");
    task.cancel().expect("cancelled");
    assert_eq!(task.kind(), TaskKind::Done);
    assert!(lua.get::<bool>("closed").expect("a flag"));
    assert!(task.result::<Value>().is_err());
    task.cancel().expect("nothing to cancel");
}

#[test]
fn a_task_that_prints_without_end_pauses_too() {
    let lua = Lua::builder().slice(100_000).output(|_| ()).build().expect("a state");
    let mut task = lua.start("while true do io.write(('x'):rep(60000)) end").expect("a task");
    for _ in 0..3 {
        assert_eq!(task.kind(), TaskKind::Paused);
        let before = task.fuel_used();
        task.resume(()).expect("goes on");
        assert!(task.fuel_used() >= before + 100_000);
    }
    task.cancel().expect("cancelled");
    assert_eq!(task.fuel_used(), 0);
}

#[test]
fn a_task_that_asks_without_end_pauses_too() {
    let lua = Lua::builder().slice(10_000).build().expect("a state");
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    lua.define("ask", move |f: Function| {
        count.fetch_add(1, Ordering::Relaxed);
        f.call::<i64>(())
    })
    .expect("defined");
    lua.define_waiting("wait").expect("defined");
    let source =
        "local sum = 0 for n = 1, 1000 do sum = sum + ask(function() return n end) end return wait(sum)";
    let mut task = lua.start(source).expect("a task");
    let mut pauses = 0;
    while task.kind() == TaskKind::Paused {
        pauses += 1;
        let before = asked.load(Ordering::Relaxed);
        for refused in [task.resume(1).expect_err("a value"), task.fail("no").expect_err("an error")] {
            assert_eq!((refused.kind(), refused.status()), (ErrorKind::Refused, 33));
        }
        assert_eq!((task.name(), task.arguments::<Variadic<Value>>().expect("none").0.len()), (None, 0));
        assert_eq!(lua.eval::<i64>("return 2 + 2").expect("a run"), 4);
        assert_eq!(asked.load(Ordering::Relaxed), before);
        task.resume(()).expect("goes on");
    }
    assert!(pauses > 3);
    assert_eq!((task.kind(), task.name()), (TaskKind::Call, Some("wait")));
    assert_eq!(task.arguments::<i64>().expect("the sum"), 500_500);
    task.resume(5).expect("goes on");
    assert_eq!((task.result::<i64>().expect("a result"), asked.load(Ordering::Relaxed)), (5, 1000));
}

#[test]
fn a_task_pauses_at_the_end_of_its_slice() {
    let lua = lua();
    let mut task = lua.start("local n = 0 for i = 1, 100000 do n = n + i end return n").expect("a task");
    let mut pauses = 0;
    while task.kind() == TaskKind::Paused {
        pauses += 1;
        assert_eq!(lua.eval::<i64>("return 1 + 1").expect("2"), 2);
        task.resume(()).expect("goes on");
    }
    assert!(pauses > 1);
    assert_eq!(task.result::<i64>().expect("a sum"), 5_000_050_000);
}

#[test]
fn a_refused_answer_leaves_the_task_waiting() {
    let lua = Lua::builder().memory(1 << 20).build().expect("a state");
    lua.define_waiting("ask").expect("defined");
    let mut task = lua.start("return #ask()").expect("a task");
    let error = task.resume("x".repeat(4 << 20)).expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::Refused);
    let error = task.resume(u64::MAX).expect_err("no integer of Lua");
    assert_eq!(error.kind(), ErrorKind::Conversion);
    assert_eq!(task.kind(), TaskKind::Call);
    task.resume("four").expect("goes on");
    assert_eq!(task.result::<i64>().expect("4"), 4);
}

#[test]
fn values_for_a_paused_task_are_refused() {
    let lua = lua();
    let mut task = lua.start("for i = 1, 100000 do end").expect("a task");
    assert_eq!(task.resume(1).expect_err("it asked nothing").kind(), ErrorKind::Refused);
    while task.kind() == TaskKind::Paused {
        task.resume(()).expect("goes on");
    }
}

#[test]
fn many_tasks_wait_in_any_order_and_are_found_again() {
    let lua = lua();
    for n in 0..100 {
        drop(lua.load("local n = ... return n + ask(n)").start(n).expect("a task"));
    }
    assert_eq!(lua.stats().expect("figures").tasks, 100);
    let mut tasks = lua.tasks().expect("tasks");
    assert_eq!(tasks.len(), 100);
    for (n, task) in tasks.iter_mut().enumerate().rev() {
        let n = n as i64;
        assert_eq!(task.arguments::<i64>().expect("n"), n);
        task.resume(n).expect("done");
        assert_eq!(task.result::<i64>().expect("a sum"), 2 * n);
    }
    assert_eq!(lua.tasks().expect("none").len(), 0);
}

#[test]
fn the_number_of_tasks_is_limited() {
    let lua = Lua::builder().tasks(2).build().expect("a state");
    let _waiting =
        [lua.start("host.call('x')").expect("a task"), lua.start("host.call('x')").expect("a task")];
    let error = lua.start("host.call('x')").expect_err("too many");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Refused, 33));
}

#[test]
fn a_task_reads_a_stream() {
    let lua = Lua::builder().stream_input().build().expect("a state");
    let mut task = lua.start("return io.read('l'), io.read('a')").expect("a task");
    assert_eq!(task.kind(), TaskKind::Input);
    lua.write_input(b"one\ntw").expect("written");
    task.resume(()).expect("goes on");
    assert_eq!(task.kind(), TaskKind::Input);
    lua.write_input(b"o").expect("written");
    lua.write_input(b"").expect("ended");
    task.resume(()).expect("goes on");
    assert_eq!(task.result::<(String, String)>().expect("lines"), ("one".into(), "two".into()));
}

#[test]
fn a_task_of_before_a_restore_is_refused() {
    let lua = lua();
    let snapshot = lua.snapshot().expect("a snapshot");
    let mut task = lua.start("ask()").expect("a task");
    lua.restore(&snapshot).expect("restored");
    let error = task.resume(()).expect_err("of an earlier life");
    assert!(error.message().contains("Lua::tasks"), "{error}");
}
