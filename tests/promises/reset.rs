//! `reset` starts from an empty heap, whatever the state was, and keeps what is the host's.

use moonlet_tests::{Lua, Random, Version, option, status};

fn reset(lua: &mut Lua) -> i32 {
    lua.call("reset", ())
}

/// Scripts that leave a state which nobody can walk through any more. The first frees a stream as if it were a buffer.
#[rustfmt::skip]
const BROKEN: &[&str] = &[
    "local f = io.open('f', 'w') f:write('text') debug.getregistry()['_UBOX*'].__gc(f)",
    "for i = 1, 20 do debug.getregistry()['_UBOX*'].__gc(io.open('f' .. i, 'w')) end",
    "for k in pairs(debug.getregistry()) do debug.getregistry()[k] = nil end",
    "debug.setmetatable(io.stdout, {__gc = debug.getregistry()['_UBOX*'].__gc})",
    "for i = 1, 20 do local s = debug.setmetatable(io.open('s', 'w'), debug.getregistry()['_UBOX*']) end collectgarbage()",
    "local f = io.open('f', 'w') f:setvbuf('full', 1000) f:write('text') debug.setmetatable(f, nil)",
];

for_each_version! {
    fn a_broken_state_goes(version: Version) {
        let mut healed = 0;
        for source in BROKEN {
            let mut lua = Lua::new(version);
            assert_eq!(lua.set(option::LIBRARIES, 8191.0), status::OK);
            assert_eq!(lua.write_file("kept", b"contents"), status::OK);
            let buffer = lua.put(b"the host's");
            let used = lua.get(option::MEMORY_USED);
            // What the script itself comes to is another matter.
            let source = lua.put(source.as_bytes());
            let torn_down = lua.try_call::<_, i32>("compute", source).is_err();
            if torn_down || reset(&mut lua) == status::POISONED {
                assert_eq!(lua.call::<_, i32>("status", ()), status::POISONED);
                continue;
            }
            lua.take(source);
            assert_eq!(lua.read(buffer.0, buffer.1), b"the host's");
            let files = lua.get(option::MEMORY_USED) - used;
            assert!((0.0..10_000.0).contains(&files), "{files} bytes for the files that the script made");
            lua.assert_usable();
            assert_eq!(lua.read_file("kept").as_deref(), Ok(&b"contents"[..]));
            lua.eval("for i = 1, 1000 do local f = io.open('x' .. i, 'w') f:write(i) f:close() os.remove('x' .. i) end");
            lua.take(buffer);
            healed += 1;
        }
        assert!(healed * 2 > BROKEN.len(), "{healed} of {} states are gone", BROKEN.len());
    }

    fn what_is_the_hosts_stays_where_it_is(version: Version) {
        let mut random = Random(29);
        let mut lua = Lua::new(version);
        let mut buffers: Vec<((u32, u32), Vec<u8>)> = Vec::new();
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        let contents = |random: &mut Random| {
            let most = 1 << random.below(14);
            let len = random.below(most) as usize;
            vec![random.below(256) as u8; len]
        };
        for round in 0..60 {
            for _ in 0..random.below(20) {
                if random.below(2) == 0 {
                    let contents = contents(&mut random);
                    buffers.push((lua.put(&contents), contents));
                } else {
                    let (name, contents) = (format!("file{}", random.below(40)), contents(&mut random));
                    assert_eq!(lua.write_file(&name, &contents), status::OK);
                    files.retain(|(other, _)| *other != name);
                    files.push((name, contents));
                }
                // Something between them.
                lua.eval("kept = kept or {} kept[#kept + 1] = ('x'):rep(#kept % 777)");
            }
            for _ in 0..random.below(8).min(buffers.len() as u64) {
                let place = random.below(buffers.len() as u64) as usize;
                lua.take(buffers.swap_remove(place).0);
            }
            lua.eval("kept = nil open = {} for i = 0, 39 do open[i] = io.open('file' .. i) end
                local f = io.tmpfile() f:write(('y'):rep(5000))");
            assert_eq!(lua.set(option::FUEL, 1e6 + f64::from(round)), status::OK);
            assert_eq!(reset(&mut lua), status::OK);
            assert_eq!(lua.get(option::FUEL), 1e6 + f64::from(round));
            for (place, contents) in &buffers {
                assert!(lua.read(place.0, place.1) == *contents, "a buffer of {} bytes, round {round}", place.1);
            }
            for (name, contents) in &files {
                assert!(lua.read_file(name).as_ref() == Ok(contents), "{name}, round {round}");
            }
        }
        for (name, _) in &files {
            lua.eval(format!("os.remove('{name}')"));
        }
        for (place, _) in buffers {
            lua.take(place);
        }
        assert_eq!(reset(&mut lua), status::OK);
        assert_eq!(lua.get(option::MEMORY_USED), 0.0);
        lua.assert_usable();
    }

    /// It takes no memory, and none of what there was is lost to the next state.
    fn a_full_instance_starts_again(version: Version) {
        let mut lua = Lua::with_pages(version, 32);
        for round in 0..20 {
            let buffer = lua.put(b"between");
            let run = lua.run("t = {} while true do t[#t + 1] = {} end");
            assert_eq!(run.status(), status::ERRMEM, "round {round}");
            lua.take(buffer);
            assert_eq!(reset(&mut lua), status::OK);
            assert_eq!(lua.eval("return #('x'):rep(700000)"), "700000", "round {round}");
        }
    }
}
