//! The block at `info_ptr`: every export leaves it as the exports that it stands for would answer, and a call that the engine
//! tears down leaves POISONED in it.

use moonlet_tests::{Info, Lua, Version, info, option, status};
use wasmtime::Trap;

/// What the block says without a call: its address never changes.
fn peek(lua: &mut Lua, ptr: u32) -> Info {
    Info(lua.read(ptr, Info::SIZE).try_into().expect("so many bytes"))
}

/// The block as the last call left it is what the exports say now.
fn assert_current(lua: &mut Lua, ptr: u32, context: &str) {
    let block = peek(lua, ptr);
    for (offset, export) in [
        (info::STATUS, "status"),
        (info::TASK, "task"),
        (info::RESULT_PTR, "result_ptr"),
        (info::RESULT_LEN, "result_len"),
        (info::OUTPUT_PTR, "output_ptr"),
        (info::OUTPUT_LEN, "output_len"),
        (info::ERROR_OUTPUT_PTR, "error_output_ptr"),
        (info::ERROR_OUTPUT_LEN, "error_output_len"),
    ] {
        assert_eq!(block.word(offset), lua.call::<_, i32>(export, ()), "{export}, {context}");
    }
    for (offset, figure) in [(info::FUEL_USED, option::FUEL_USED), (info::MEMORY_USED, option::MEMORY_USED)] {
        assert_eq!(block.number(offset), lua.get(figure), "figure {figure}, {context}");
    }
    assert_eq!(f64::from(block.word(info::TASKS)), lua.get(option::TASKS), "{context}");
    assert_eq!(block.word(info::DROPPED), 0, "{context}");
    assert_eq!(lua.call::<_, u32>("info_ptr", ()), ptr, "{context}");
    assert_eq!(peek(lua, ptr), block, "{context}");
}

/// A call of an export.
type Step = fn(&mut Lua);

const SUSPENDED: &str = "print('out') io.stderr:write('err') local x <close> = setmetatable({}, {__close = function() end}) \
                         return host.call('ask', ('x'):rep(100))";

fn compute(lua: &mut Lua, source: &str) {
    let buffer = lua.put(source.as_bytes());
    lua.call::<_, i32>("compute", buffer);
    lua.take(buffer);
}

for_each_version! {
    fn every_export_leaves_the_block_current(version: Version) {
        let mut lua = Lua::new(version);
        let ptr: u32 = lua.call("info_ptr", ());
        assert_eq!(ptr % 8, 0);
        assert_current(&mut lua, ptr, "at the start");
        assert_eq!(peek(&mut lua, ptr).word(info::ANSWER), 0);
        lua.set(option::ERROR_OUTPUT, 1.0);
        let steps: [(&str, Step); 17] = [
            ("alloc", |lua| { lua.put(&[0; 70_000]); }),
            ("a run", |lua| compute(lua, "")),
            ("a suspended run", |lua| compute(lua, SUSPENDED)),
            ("a refused answer", |lua| { let task = lua.task(); lua.call::<_, i32>("resume", (task, u32::MAX, 8_u32)); }),
            ("request", |lua| { let task = lua.task(); lua.call::<_, i32>("request", task); }),
            ("tasks", |lua| { lua.call::<_, i32>("tasks", ()); }),
            ("output_clear", |lua| { lua.call::<_, i32>("output_clear", ()); }),
            ("error_output_clear", |lua| { lua.call::<_, i32>("error_output_clear", ()); }),
            ("cancel", |lua| { let task = lua.task(); lua.cancel(task); }),
            ("write_file", |lua| { lua.write_file("f", &[1; 5000]); }),
            ("read_file", |lua| { lua.read_file("f").expect("the file"); }),
            ("list_files", |lua| { lua.call::<_, i32>("list_files", ()); }),
            ("release", |lua| { lua.release(&[0x91, 1]); }),
            ("set", |lua| { lua.set(option::FUEL, 1e6); }),
            ("compact", |lua| { lua.call::<_, f64>("compact", ()); }),
            ("an error", |lua| compute(lua, "error('no')")),
            ("reset", |lua| { lua.call::<_, i32>("reset", ()); }),
        ];
        for (name, step) in steps {
            step(&mut lua);
            assert_current(&mut lua, ptr, name);
        }
        assert_eq!(peek(&mut lua, ptr).word(info::ANSWER), 0, "after reset");
    }

    fn the_block_tells_of_the_last_run_and_its_task(version: Version) {
        let mut lua = Lua::new(version);
        let words = |lua: &mut Lua| {
            let block = lua.info();
            [info::ANSWER, info::STATUS, info::TASK, info::KIND, info::TASKS].map(|offset| block.word(offset))
        };
        assert_eq!(lua.run("return 'four'").answer, 4);
        assert_eq!(words(&mut lua), [4, 0, 0, 0, 0]);
        assert_eq!(lua.run("return host.call('x')").answer, -1);
        let calls = lua.task();
        assert_eq!(words(&mut lua), [-1, 1, calls, 1, 1]);
        lua.set(option::SLICE, 1000.0);
        assert_eq!(lua.run("while true do end").answer, -16);
        let paused = lua.task();
        assert_eq!(words(&mut lua), [-16, 16, paused, 16, 2]);
        lua.set(option::SLICE, 0.0);
        assert_eq!(lua.resume(calls, &[0xc1]).answer, -34);
        assert_eq!(words(&mut lua), [-34, 34, paused, 16, 2]);
        assert_eq!(lua.resume(calls, &[0x91, 7]).answer, 1);
        assert_eq!(words(&mut lua), [1, 0, paused, 16, 1]);
        assert_eq!(lua.cancel(paused), status::OK);
        assert_eq!(words(&mut lua), [1, 19, paused, 0, 0], "cancel has an answer of its own");
        // All of it comes along with a snapshot.
        let (block, copy) = (lua.info(), lua.snapshot());
        let mut fresh = Lua::new(version);
        fresh.restore(&copy);
        assert_eq!(fresh.info(), block);
    }

    fn the_block_tells_of_dropped_references(version: Version) {
        let mut lua = Lua::new(version);
        // An array of a source, no name, and the references 7 and 8.
        let data = [&b"\x94\xaecollectgarbage"[..], b"\xc0\xd6\x02\x00\x00\x00\x07\xd6\x02\x00\x00\x00\x08"].concat();
        assert_eq!(lua.eval_data(&data).status(), status::ERRSYNTAX);
        lua.eval("collectgarbage() collectgarbage() return 1");
        assert_eq!(lua.info().word(info::DROPPED), 2);
        assert_eq!(lua.call::<_, i32>("dropped", ()), 3);
        assert_eq!(lua.info().word(info::DROPPED), 0);
    }

    fn a_call_torn_down_leaves_poisoned_in_the_block(version: Version) {
        let mut lua = Lua::metered(version);
        lua.store.set_fuel(1 << 30).expect("an engine with fuel");
        let ptr: u32 = lua.call("info_ptr", ());
        let buffer = lua.put(b"while true do end");
        lua.store.set_fuel(1_000_000).expect("an engine with fuel");
        assert_eq!(lua.try_call::<_, i32>("compute", buffer), Err(Trap::OutOfFuel));
        assert_eq!(peek(&mut lua, ptr).word(info::STATUS), status::POISONED, "without another call");
        lua.store.set_fuel(1 << 30).expect("an engine with fuel");
        assert_eq!(lua.call::<_, i32>("status", ()), status::POISONED);
        assert_eq!(lua.call::<_, u32>("info_ptr", ()), ptr);
        assert_eq!(peek(&mut lua, ptr).word(info::STATUS), status::POISONED);
    }
}
