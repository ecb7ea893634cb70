//! Engines: chosen, cached, shared, brought along.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use moonlet::engine::{Engine, Instance, Module, Runtime};
use moonlet::{ErrorKind, Lua, Result, Version};

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn files(folder: &PathBuf) -> Vec<PathBuf> {
    fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
}

fn assert_works(engine: &Engine) {
    let lua = Lua::builder().engine(engine).build().expect("a state");
    assert_eq!(lua.eval::<i64>("return 6 * 7").expect("42"), 42);
}

#[test]
fn both_runtimes_run_both_versions() {
    for runtime in [Runtime::Wasmtime, Runtime::Wasmi] {
        for (version, name) in [(Version::Lua54, "Lua 5.4"), (Version::Lua55, "Lua 5.5")] {
            let engine = Engine::builder().runtime(runtime).version(version).build().expect("an engine");
            let lua = Lua::builder().engine(&engine).build().expect("a state");
            assert_eq!(lua.eval::<String>("return _VERSION").expect("a version"), name);
        }
    }
}

#[test]
fn compiled_code_is_kept_and_found_again() {
    let folder = folder("cache");
    let build = |stoppable| Engine::builder().cache(&folder).stoppable(stoppable).build().expect("an engine");
    assert_works(&build(true));
    let [file] = &files(&folder)[..] else { panic!("one file, with nothing beside it") };
    let written = fs::read(file).expect("the file");
    let time = || fs::metadata(file).and_then(|metadata| metadata.modified()).expect("a time");
    let before = time();
    assert_works(&build(true));
    assert_eq!(time(), before, "the file was read, not written anew");
    for damaged in [&b""[..], &written[..written.len() / 2], &[&written[..], b"x"].concat()] {
        fs::write(file, damaged).expect("written");
        assert_works(&build(true));
        assert!(fs::read(file).expect("the file") == written, "what is damaged is replaced");
    }
    assert_works(&build(false));
    assert_eq!(files(&folder).len(), 2, "other settings have a file of their own");
}

#[test]
fn a_cache_that_cannot_be_written_is_told() {
    let folder = folder("no-folder");
    fs::write(&folder, "a file").expect("written");
    let error = Engine::builder().cache(&folder).build().expect_err("no folder");
    assert_eq!(error.kind(), ErrorKind::Engine);
    assert!(error.message().contains("no-folder"), "{error}");
    fs::remove_file(&folder).expect("removed");
}

#[test]
fn an_engine_cannot_be_shared_once_another_is_in_use() {
    drop(Lua::new().expect("a state"));
    let engine = Engine::builder().runtime(Runtime::Wasmi).build().expect("an engine");
    let error = engine.share(Version::Lua54).expect_err("one is in use");
    assert_eq!(error.kind(), ErrorKind::Engine);
}

/// Counts the instances that it makes by another engine.
struct Counting(Engine, Arc<AtomicUsize>);

impl Module for Counting {
    fn instantiate(&self) -> Result<Box<dyn Instance>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.instantiate()
    }
}

#[test]
fn an_engine_is_brought_along() {
    let made = Arc::new(AtomicUsize::new(0));
    let engine = Engine::custom(Counting(Engine::shared(Version::Lua54).expect("an engine"), made.clone()));
    assert_works(&engine);
    let lua = Lua::builder().engine(&engine).build().expect("a state");
    assert_eq!(lua.fork().expect("a fork").eval::<i64>("return 1").expect("1"), 1);
    assert_eq!(made.load(Ordering::Relaxed), 3);
}

/// A state with a count in it, which each of its clones goes on with.
fn counted() -> Result<Vec<u8>> {
    let lua = Lua::builder().deterministic().build()?;
    lua.eval::<()>("local n = 6 function count() n = n + 1 return n end")?;
    lua.snapshot()
}

#[test]
fn states_begin_as_a_snapshot_each_by_itself() {
    for runtime in [Runtime::Wasmtime, Runtime::Wasmi] {
        let engine = Engine::builder().runtime(runtime).start("count", counted).build().expect("an engine");
        let begin = || Lua::builder().engine(&engine).fuel(1_000_000).build().expect("a state");
        let (one, other) = (begin(), begin());
        assert_eq!(one.eval::<(i64, i64)>("return count(), count()").expect("7, 8"), (7, 8));
        assert_eq!(other.eval::<i64>("return count()").expect("7"), 7);
        let error = other.eval::<()>("while true do end").expect_err("no fuel");
        assert_eq!(error.kind(), ErrorKind::Budget, "the builder's limits hold");
        // One engine's snapshots are the other's.
        let moved = Lua::builder().restore(&one.snapshot().expect("a snapshot")).expect("a state");
        assert_eq!(moved.eval::<i64>("return count()").expect("9"), 9);
        assert_eq!(begin().fork().expect("a fork").eval::<i64>("return count()").expect("7"), 7);
        one.reset().expect("a fresh state");
        assert_eq!(one.eval::<Option<i64>>("return count").expect("nothing"), None);
    }
}

#[test]
fn what_states_begin_as_is_made_once_for_a_cache() {
    let folder = folder("start");
    let made = Arc::new(AtomicUsize::new(0));
    let build = |name| {
        let made = made.clone();
        let make = move || {
            made.fetch_add(1, Ordering::Relaxed);
            counted()
        };
        let engine = Engine::builder().cache(&folder).start(name, make).build().expect("an engine");
        let lua = Lua::builder().engine(&engine).build().expect("a state");
        assert_eq!(lua.eval::<i64>("return count()").expect("7"), 7);
    };
    build("one");
    build("one");
    assert_eq!(made.load(Ordering::Relaxed), 1);
    build("another");
    assert_eq!(made.load(Ordering::Relaxed), 2);
}

#[test]
fn a_start_that_is_none_is_refused() {
    let build = |make: fn() -> Result<Vec<u8>>| {
        Engine::builder().version(Version::Lua55).start("wrong", make).build().expect_err("no start")
    };
    assert_eq!(build(counted).kind(), ErrorKind::Snapshot, "it is of Lua 5.4");
    assert_eq!(build(|| Ok(b"MOON".to_vec())).kind(), ErrorKind::Snapshot);
    assert_eq!(build(|| Lua::new()?.eval::<Vec<u8>>("error('no')")).kind(), ErrorKind::Runtime);
}
