//! The pages of memory that an instance takes: bounded by the option PAGES, and by MEMORY times a factor.

use moonlet_tests::{Lua, Version, option, snapshot, status};

const PAGE: f64 = 65_536.0;

/// Scripts that use up all memory, each in its way.
#[rustfmt::skip]
const GREEDY: &[(&str, &str)] = &[
    ("print without end", "while true do print('a line of output') end"),
    ("print numbers without end", "local i = 0 while true do i = i + 1 print(i, i / 7) end"),
    ("a growing string", "local s = 'x' while true do s = s .. s end"),
    ("a string that grows slowly", "local s, p = '', ('x'):rep(50000) while true do s = s .. p end"),
    ("growing strings", "local t = {} while true do for i = 1, 8 do t[i] = (t[i] or 'x') .. (t[i] or 'y') end end"),
    ("strings of all sizes", "local t, n = {}, 0 while true do n = n + 1 t[n % 997] = ('x'):rep(n * 997 % 500000) end"),
    ("string.rep", "local n = 1 while true do n = n * 2 local s = ('x'):rep(n) end"),
    ("table.concat", "local p = {('x'):rep(1000)} while true do p[#p + 1] = table.concat(p) end"),
    ("string.gsub", "local g = 'a' while true do g = g:gsub('.', '%0%0') end"),
    ("string.format", "local f = 'x' while true do f = ('%s%s'):format(f, f) end"),
    ("an array", "local t = {} while true do t[#t + 1] = 1 end"),
    ("a table of keys", "local t, n = {}, 0 while true do n = n + 1 t[n * 1.5] = n end"),
    ("arrays", "local t = {} while true do for i = 1, 8 do t[i] = t[i] or {} t[i][#t[i] + 1] = 1 end end"),
    ("small tables", "local t = {} while true do t[#t + 1] = {#t} end"),
    ("strings in a table", "local t, n = {}, 0 while true do n = n + 1 t[n] = 'string ' .. n end"),
    ("the stack", "local function f(...) return f(1, ...) end f()"),
    ("deep recursion", "local function f() return 1 + f() end while true do pcall(f) t = {t, ('x'):rep(100000)} end"),
    ("coroutines", "local k = {} while true do k[#k + 1] = coroutine.create(print) coroutine.resume(k[#k]) end"),
    ("a file", "local f = io.open('f', 'w') local s = ('x'):rep(1000) while true do assert(f:write(s)) end"),
    ("files by turns", "local f = {} for i = 1, 8 do f[i] = io.open('f' .. i, 'w') end while true do for i = 1, 8 do assert(f[i]:write(('x'):rep(100))) end end"),
    ("output and tables", "local t = {} while true do print(#t) t[#t + 1] = {#t} end"),
    ("a generated chunk", "assert(load(function() return 'x = {1, 2.5, y} ' end))"),
    ("a result", "local t, s = {}, ('x'):rep(1 << 20) for i = 1, 200 do t[i] = s end return table.unpack(t)"),
];

/// Leaves holes that no larger block fits, on purpose: every few thousandth of many small blocks stays.
const HOLES: &str = "local kept = {} for size = 1, 12 do
        local n, t = 4 << size, {}
        pcall(function() while true do t[#t + 1] = ('x'):rep(n) .. #t end end)
        for i = 1, #t, 1 + (16384 >> size) do kept[#kept + 1] = t[i] end
        t = nil collectgarbage()
    end";

/// Pages that the heap reached, of what the instance had at most.
fn pages(lua: &Lua) -> f64 {
    lua.memory.size(&lua.store) as f64
}

for_each_version! {
    /// A host that leaves out pages of zeros may leave the last one out, into which only the heap's own last words reach.
    fn the_heap_may_end_beyond_memory(version: Version) {
        let mut shorter = 0;
        for len in (0..65_536).step_by(256) {
            let mut lua = Lua::new(version);
            let buffer: u32 = lua.call("alloc", len as u32);
            let memory = lua.snapshot();
            let last = memory.iter().rposition(|&byte| byte != 0).expect("a byte");
            let mut other = Lua::new(version);
            other.restore(&memory[..((last >> 16) + 1) << 16]);
            shorter += u32::from(pages(&other) < pages(&lua));
            other.call::<_, ()>("dealloc", (buffer, len as u32));
            other.call::<_, f64>("compact", ());
            other.assert_usable();
        }
        println!("{version:?}: {shorter} instances had a page less");
    }

    /// With MEMORY alone, memory has at most so many times as many pages.
    fn memory_bounds_pages_by_a_factor(version: Version) {
        let mebibytes = std::env::var("MEBIBYTES").map_or(8.0, |text| text.parse().expect("a number"));
        let memory: f64 = mebibytes * 1024.0 * 1024.0;
        let factor = |source: &str| {
            let mut lua = Lua::new(version);
            let fresh = pages(&lua);
            assert_eq!(lua.set(option::MEMORY, memory), status::OK);
            let source = lua.put(source.as_bytes());
            let answer: i32 = lua.call("compute", source);
            ((pages(&lua) - fresh) * PAGE / memory, answer)
        };
        let mut worst: (f64, &str) = (0.0, "");
        for (name, source) in GREEDY {
            let (factor, answer) = factor(source);
            println!("{version:?}: {factor:.2} times MEMORY in pages: {name}");
            assert!(answer < 0, "{name} ends when memory is out: {answer}");
            worst = if factor > worst.0 { (factor, name) } else { worst };
        }
        println!("{version:?}: the worst is {:.2}, {}; with holes made on purpose {:.2}", worst.0, worst.1, factor(HOLES).0);
        assert!(worst.0 <= 2.25, "{}: {}", worst.1, worst.0);
    }

    fn pages_is_a_limit_for_scripts_and_for_the_host(version: Version) {
        for limit in [8.0, 20.0, 64.0] {
            for (name, source) in GREEDY {
                let mut lua = Lua::new(version);
                assert_eq!(lua.set(option::PAGES, limit), status::OK);
                let context = format!("{name}, {limit} pages");
                let buffer = lua.put(source.as_bytes());
                let answer: i32 = lua.call("compute", buffer);
                lua.take(buffer);
                assert!(answer < 0 && pages(&lua) <= limit, "{context}: {answer}, {}", pages(&lua));
                assert_eq!(lua.call::<_, i32>("output_clear", ()), status::OK);
                lua.assert_usable();
                assert_eq!(lua.call::<_, u32>("alloc", (limit * PAGE) as u32), 0, "{context}");
                assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
                lua.eval("for i = 1, 8 do os.remove('f' .. i) end os.remove('f')");
                assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
                assert_eq!(lua.get(option::MEMORY_USED), 0.0, "{context}");
            }
        }
    }

    fn a_limit_below_what_there_is_stops_growth(version: Version) {
        let mut lua = Lua::new(version);
        lua.eval("kept = ('x'):rep(1 << 21)");
        let before = pages(&lua);
        assert_eq!(lua.set(option::PAGES, 1.0), status::OK);
        assert_eq!(lua.eval("return #kept"), "2097152");
        assert_eq!(lua.run("t = {} while true do t[#t + 1] = {} end").status(), status::ERRMEM);
        assert_eq!(pages(&lua), before);
        lua.eval("t = nil");
        assert_eq!(lua.set(option::PAGES, 0.0), status::OK);
        assert_eq!(lua.eval("return #(kept .. kept)"), "4194304");
        assert!(pages(&lua) > before);

        let mut fresh = Lua::new(version);
        assert_eq!(fresh.set(option::PAGES, 1.0), status::OK);
        let before = pages(&fresh);
        fresh.assert_usable();
        assert_eq!(pages(&fresh), before, "those that it starts with stay");
    }

    /// An instance in a larger memory than it had where it was saved may not use more of it.
    fn the_limit_holds_in_a_larger_memory(version: Version) {
        let fill = "local t = {} pcall(function() while true do t[#t + 1] = ('x'):rep(1000) .. #t end end) return #t";
        let mut lua = Lua::new(version);
        assert_eq!(lua.set(option::PAGES, 12.0), status::OK);
        lua.eval("return 1");
        let stored = snapshot::save(&mut lua).expect("not poisoned");
        let mut large = Lua::new(version);
        large.eval("garbage = ('x'):rep(1 << 22)");
        let size = pages(&large);
        snapshot::restore(&mut large, &stored).expect("a whole snapshot");
        assert_eq!(large.eval(fill), lua.eval(fill));
        assert_eq!(pages(&large), size);
        assert!(snapshot::save(&mut large) == snapshot::save(&mut lua), "both are the same");
    }

    /// After one `compact`, a snapshot holds what is in use, to the page.
    fn a_snapshot_holds_what_is_in_use(version: Version) {
        // What lies among garbage that went away shares its first and last page with none of it.
        for (name, most, source) in [
            ("100 kB after 70 MB", 1.1, "kept = ('x'):rep(100000) for i = 1, 9 do local s = ('y'):rep(i * 4000000) end"),
            ("100 kB made after 64 MB of tables", 1.1, "local t = {} for i = 1, 500000 do t[i] = {i} end t = nil collectgarbage()
                kept = {} for i = 1, 1000 do kept[i] = {i, tostring(i)} end"),
            ("5 MB of tables", 1.1, "kept = {} for i = 1, 50000 do kept[i] = {i, tostring(i)} end"),
            ("20 MB of strings among garbage", 1.2, "kept = {} for i = 1, 200 do kept[i] = ('x'):rep(100000) .. i local _ = ('y'):rep(1000000) end"),
            ("output, a file and a buffer", 1.1, "for i = 1, 30000 do print(i) end local f = io.open('f', 'w') f:write(('z'):rep(300000)) f:close()"),
            ("deep recursion", 1.1, "local function deep(n) return n == 0 and 0 or 1 + deep(n - 1) end return deep(150000)"),
        ] {
            let mut lua = Lua::new(version);
            let source = lua.put(source.as_bytes());
            assert!(lua.call::<_, i32>("compute", source) >= 0, "{name}");
            lua.take(source);
            let used: f64 = lua.call("compact", ());
            let stored = snapshot::save(&mut lua).expect("not poisoned");
            let held = snapshot::Snapshot::decode(&stored).expect("a snapshot").payload.len() / snapshot::RECORD;
            let all = pages(&lua);
            println!("{version:?}: {name}: {used} bytes in use, {held} pages of {all} in the snapshot");
            assert!(held as f64 * PAGE <= used * most + 5.0 * PAGE, "{name}: {held} pages for {used} bytes");
            let mut again = Lua::new(version);
            snapshot::restore(&mut again, &stored).expect("a whole snapshot");
            again.assert_usable();
        }
    }

    /// Wherever the heap ends, a restored instance has all its pages.
    fn the_end_may_lie_anywhere_in_a_page(version: Version) {
        for size in (0..70_000).step_by(1000).chain((64_000..66_000).step_by(8)) {
            let mut lua = Lua::new(version);
            lua.put(&vec![0; size]);
            let stored = snapshot::save(&mut lua).expect("not poisoned");
            let mut again = Lua::new(version);
            snapshot::restore(&mut again, &stored).expect("a whole snapshot");
            assert!(again.call::<_, f64>("compact", ()) > 0.0, "{size} bytes");
            again.assert_usable();
        }
    }

    /// Again and again: what a torn down call leaves outside of memory, its stack pointer and perhaps an error on its way, is put
    /// in order too.
    fn a_torn_down_instance_is_healed(version: Version) {
        let mut lua = Lua::metered(version);
        lua.eval("x = 'kept'");
        let stored = snapshot::save(&mut lua).expect("not poisoned");
        let source = b"x = 'changed' local function f(n) if n == 0 then error('thrown') end
            ('a'):gsub('a', function() pcall(f, n - 1) end) error('again') end while true do pcall(f, 20) end";
        for fuel in 0..400 {
            let source = lua.put(source);
            lua.store.set_fuel(300_000 + fuel * 7).expect("an engine with fuel");
            lua.try_call::<_, i32>("compute", source).expect_err("the engine ends it");
            lua.store.set_fuel(u64::MAX).expect("an engine with fuel");
            assert_eq!(lua.call::<_, i32>("status", ()), status::POISONED);
            snapshot::restore(&mut lua, &stored).expect("a whole snapshot");
            assert_eq!(lua.eval("return x"), "kept");
            snapshot::restore(&mut lua, &stored).expect("a whole snapshot");
            assert!(snapshot::save(&mut lua) == Ok(stored.clone()));
        }
        assert!(lua.call::<_, i32>("reset", ()) == status::OK);
        lua.assert_usable();
        let depth = "local function f(n) local ok, m = pcall(string.gsub, 'a', 'a', function() return f(n + 1) end)
            return ok and m or n end return f(1)";
        assert_eq!(lua.eval(depth), Lua::new(version).eval(depth), "all of the stack is there");
    }
}
