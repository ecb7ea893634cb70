//! Asynchronous host functions, on an executor of the tests' own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use moonlet::{BoxError, ErrorKind, Function, Functions, Lua, Object};

use crate::executor::{block_on, join, sleep};

fn lua() -> Lua {
    let lua = Lua::new().expect("a state");
    lua.define_async("later", |text: String| async move {
        sleep(Duration::from_millis(5)).await;
        text
    })
    .expect("defined");
    lua
}

#[test]
fn a_script_waits_for_a_future() {
    let lua = lua();
    assert_eq!(block_on(lua.eval_async::<String>("return later('done')")).expect("done"), "done");
    lua.eval::<()>("function twice(s) return later(s) .. later(s) end").expect("defined");
    assert_eq!(block_on(lua.call_async::<String>("twice", "x")).expect("xx"), "xx");
    let twice: Function = lua.get("twice").expect("a function");
    assert_eq!(block_on(twice.call_async::<String>("y")).expect("yy"), "yy");
    let chunk = lua.load("return later(...)").name("=waits");
    assert_eq!(block_on(chunk.call_async::<String>("z")).expect("z"), "z");
}

#[test]
fn sync_functions_and_errors_go_on_as_they_do() {
    let lua = lua();
    lua.define("add", |a: i64, b: i64| a + b).expect("defined");
    lua.define_async("fails", |why: String| async move { Err::<(), _>(why) }).expect("defined");
    assert_eq!(block_on(lua.eval_async::<i64>("return add(1, 2)")).expect("3"), 3);
    let (ok, why): (bool, String) = block_on(lua.eval_async("return pcall(fails, 'no')")).expect("caught");
    assert_eq!((ok, why.as_str()), (false, "no"));
    let error = block_on(lua.eval_async::<()>("fails('no')")).expect_err("an error");
    assert_eq!(error.message(), "no");
    let error = block_on(lua.eval_async::<()>("later({})")).expect_err("no string");
    assert_eq!(error.message(), "bad argument #1 to 'later' (string expected, got table)");
}

#[test]
fn a_sync_evaluation_says_what_to_do() {
    let lua = lua();
    let error = lua.eval::<()>("later('x')").expect_err("nothing waits");
    assert!(error.message().contains("eval_async"), "{error}");
}

#[test]
fn many_evaluations_run_by_turns_in_one_state() {
    let lua = lua();
    let futures = (0..50).map(|n| {
        lua.eval_async::<String>(format!("local n = 0 for i = 1, 10000 do n = n + i end return later('{n}')"))
    });
    let results = block_on(join(futures.collect()));
    let expected: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    assert_eq!(results.into_iter().map(|result| result.expect("a result")).collect::<Vec<_>>(), expected);
    assert_eq!(lua.stats().expect("figures").tasks, 0);
}

#[test]
fn a_long_script_gives_way_after_each_slice() {
    let lua = Lua::builder().slice(10_000).build().expect("a state");
    let (turns, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let (counted, ended) = (turns.clone(), done.clone());
    let script = lua.eval_async::<()>("for i = 1, 1000000 do end");
    let futures: Vec<std::pin::Pin<Box<dyn Future<Output = ()> + Send>>> = vec![
        Box::pin(async move {
            script.await.expect("no error");
            ended.store(true, Ordering::Relaxed);
        }),
        Box::pin(std::future::poll_fn(move |context| {
            counted.fetch_add(1, Ordering::Relaxed);
            context.waker().wake_by_ref();
            if done.load(Ordering::Relaxed) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })),
    ];
    block_on(join(futures));
    assert!(turns.load(Ordering::Relaxed) > 10);
}

/// Each answer begins another slice, so that it never comes to the end of one.
#[test]
fn a_script_that_asks_without_end_gives_way_too() {
    let lua = Lua::builder().fuel(200_000_000).build().expect("a state");
    lua.define("now", || 5).expect("defined");
    lua.define_async("soon", || async { 5 }).expect("defined");
    for source in ["while true do now() end", "while true do soon() end"] {
        let mut endless = lua.eval_async::<()>(source);
        let context = &mut Context::from_waker(Waker::noop());
        assert!(endless.as_mut().poll(context).is_pending(), "{source}");
        drop(endless);
        assert_eq!(lua.stats().expect("figures").tasks, 0);
    }
}

#[test]
fn a_future_that_is_dropped_ends_its_script() {
    let lua = lua();
    lua.define_async("never", std::future::pending::<()>).expect("defined");
    let source = "closed = false local guard <close> = setmetatable({}, {__close = function() closed = true end}) never()";
    let mut future = lua.eval_async::<()>(source);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending());
    assert_eq!(lua.stats().expect("figures").tasks, 1);
    assert!(!lua.get::<bool>("closed").expect("a flag"), "the state is usable meanwhile");
    drop(future);
    assert_eq!(lua.stats().expect("figures").tasks, 0);
    assert!(lua.get::<bool>("closed").expect("a flag"));
}

#[test]
fn asynchronous_functions_come_in_sets_and_as_callbacks() {
    let functions = Functions::new().with_async("wait", |n: i64| async move { n + 1 });
    let lua = Lua::builder().functions(&functions).build().expect("a state");
    assert_eq!(block_on(lua.eval_async::<i64>("return wait(1)")).expect("2"), 2);
    let wait = Object::function_async(|n: i64| async move { n + 2 });
    assert_eq!(block_on(lua.load("return (...)(1)").call_async::<i64>(wait)).expect("3"), 3);
}

#[test]
fn an_asynchronous_function_uses_the_state() {
    let lua = lua();
    lua.define_async("nested", |lua: Lua, n: i64| async move {
        let text: String = lua.eval_async(format!("return later('{n}')")).await?;
        Ok::<_, BoxError>(text)
    })
    .expect("defined");
    assert_eq!(block_on(lua.eval_async::<String>("return nested(5)")).expect("5"), "5");
    lua.define_async("deep", |lua: Lua| async move { lua.eval_async::<()>("deep()").await })
        .expect("defined");
    let error = block_on(lua.eval_async::<()>("deep()")).expect_err("endless");
    assert!(error.message().contains("nesting"), "{error}");
    assert_eq!(lua.eval::<i64>("return 2 + 2").expect("usable"), 4);
}

#[test]
fn futures_go_to_other_threads() {
    let lua = lua();
    let future = lua.eval_async::<String>("return later('there')");
    let text = std::thread::spawn(move || block_on(future)).join().expect("no panic").expect("there");
    assert_eq!(text, "there");
}

#[test]
fn a_closed_state_answers_futures_with_an_error() {
    let lua = lua();
    let future = lua.eval_async::<String>("return later('x')");
    lua.close();
    assert_eq!(block_on(future).expect_err("closed").kind(), ErrorKind::Closed);
}
