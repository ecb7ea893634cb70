//! Memory has a limit that nothing passes, running out of it is an ordinary error, and nothing leaks.

use moonlet_tests::{Lua, Random, Version, option, status};

/// What the host's own steps may take beyond the limit (`libc_shim::heap::RESERVE`).
const RESERVE: f64 = 32_768.0;

/// A script that takes all the memory there is.
struct Bomb {
    name: &'static str,
    source: &'static str,
    /// How it may end.
    statuses: &'static [i32],
}

const MEMORY: &[i32] = &[status::ERRMEM];
/// Where the library's own error about memory is a message, or a full file or output is an ordinary error.
const MESSAGE: &[i32] = &[status::ERRMEM, status::ERRRUN];
const CAUGHT: &[i32] = &[status::ERRMEM, status::OK];

const fn bomb(name: &'static str, statuses: &'static [i32], source: &'static str) -> Bomb {
    Bomb { name, source, statuses }
}

/// Some keep what they make in globals, so that it stays for good; some do not.
#[rustfmt::skip]
const BOMBS: &[Bomb] = &[
    bomb("tables", MEMORY, "t = t or {} while true do t[#t + 1] = {} end"),
    bomb("local tables", MEMORY, "local t = {} while true do t[#t + 1] = {} end"),
    bomb("tables with fields", MEMORY, "h = h or {} while true do h = {next = h, x = 1, y = 2} end"),
    bomb("one string", MEMORY, "s = s or 'x' while true do s = s .. s end"),
    bomb("one local string", MEMORY, "local s = 'x' while true do s = s .. s end"),
    bomb("strings", MEMORY, "n, strings = n or 0, strings or {} while true do n = n + 1 strings[#strings + 1] = 'string ' .. n end"),
    bomb("closures", MEMORY, "c = c or {} while true do local x = #c c[#c + 1] = function() return x end end"),
    bomb("upvalues of upvalues", MEMORY, "local f while true do local g = f f = function() return g end end"),
    bomb("coroutines", MEMORY, "k = k or {} while true do k[#k + 1] = coroutine.create(print) coroutine.resume(k[#k]) end"),
    bomb("string.rep", MEMORY, "return ('x'):rep(1 << 30)"),
    bomb("string.rep, too long for anyone", MESSAGE, "return ('x'):rep(1 << 40)"),
    bomb("table.concat", MEMORY, "parts = parts or {('x'):rep(1000)} while true do parts[#parts + 1] = table.concat(parts) end"),
    bomb("string.gsub", MEMORY, "g = g or 'a' while true do g = g:gsub('.', '%0%0') end"),
    bomb("string.format", MEMORY, "f = f or 'x' while true do f = ('%s%s'):format(f, f) end"),
    bomb("string.pack and table.unpack", MESSAGE, "local p = 'x' while true do p = ('s4s4'):pack(p, p) local t = {p:byte(1, 9)} end"),
    bomb("the stack", MESSAGE, "local function f() return 1 + f() end f()"),
    bomb("arguments", MESSAGE, "local t = {} for i = 1, 1e6 do t[i] = i end return select('#', table.unpack(t))"),
    bomb("a file", &[status::OK, status::ERRRUN, status::ERRMEM], r"
        local f <close> = assert(io.open('big', 'a'))
        local text, ok, message = ('x'):rep(1000)
        repeat ok, message = f:write(text) until not ok
        assert(message == 'No space left on device', message)"),
    bomb("files", MESSAGE, "u = u or {} while true do u[#u + 1] = assert(io.open('small', 'w')) end"),
    bomb("print", MESSAGE, "while true do print('a line of output') end"),
    bomb("io.write", MESSAGE, "local s = ('x'):rep(1000) while true do io.write(s, 1.5, '\\n') end"),
    bomb("a generated chunk", MESSAGE, "assert(load(function() return 'x = {1, 2.5, y} ' end))"),
    bomb("a generated name", MESSAGE, "assert(load(function() return 'xxxxxxxxxxxxxxxx' end))"),
    bomb("an error message", MESSAGE, "local s = 'x' while pcall(string.rep, s, 2) do s = s:rep(2) end error(s, 0)"),
    bomb("a result", MESSAGE, "local t, s = {}, 'x' for i = 1, 200 do t[i] = s end while pcall(string.rep, s, 2) do s = s:rep(2) end for i = 1, 200 do t[i] = s end return table.unpack(t)"),
    bomb("caught errors", CAUGHT, "local t = {} for i = 1, 20 do pcall(function() while true do t[#t + 1] = {} end end) end"),
    bomb("finalizers", CAUGHT, "for i = 1, 20 do setmetatable({}, {__gc = function() local t = {} while true do t[#t + 1] = {} end end}) collectgarbage() end"),
    bomb("handlers", MESSAGE, "xpcall(function() local s = 'x' while true do s = s .. s end end, function(m) local t = {} while true do t[#t + 1] = {} end end) error('x')"),
    bomb("a text to return", MEMORY, "return setmetatable({}, {__tostring = function() local s = 'x' while true do s = s .. s end end})"),
    bomb("a text to raise", &[status::ERRMEM, status::ERRERR, status::ERRRUN], "error(setmetatable({}, {__tostring = function() local s = 'x' while true do s = s .. s end end}))"),
];

/// Runs `source` without draining the output: the answer, and the start of the result.
fn run(lua: &mut Lua, source: &[u8]) -> Option<(i32, String)> {
    let buffer = lua.try_put(source)?;
    let answer = lua.call("compute", buffer);
    lua.take(buffer);
    let mut result = lua.result();
    result.truncate(300);
    Some((answer, String::from_utf8_lossy(&result).into_owned()))
}

fn is_usable(lua: &mut Lua) -> bool {
    run(lua, b"return 2+2").is_some_and(|(answer, text)| answer == 1 && text == "4")
}

fn reset(lua: &mut Lua) {
    assert_eq!(lua.call::<_, i32>("reset", ()), status::OK);
}

fn initial_pages(version: Version) -> usize {
    let lua = Lua::new(version);
    lua.memory.size(&lua.store) as usize
}

/// Takes away what `reset` keeps on purpose, and the state: then nothing may be left.
fn assert_all_freed(lua: &mut Lua, context: &str) {
    reset(lua);
    lua.eval("os.remove('big') os.remove('small') os.remove('log')");
    reset(lua);
    assert_eq!(lua.get(option::MEMORY_USED), 0.0, "{context}");
    assert!(is_usable(lua), "after a reset: {context}");
}

/// Lets `bomb` go off again and again under `limit`, which ends in its status each time and leaves Lua usable.
fn explode(version: Version, bomb: &Bomb, limit: f64) {
    let rounds = if limit > 8e6 { 2 } else { 5 };
    let mut lua = Lua::new(version);
    assert_eq!(lua.set(option::MEMORY, limit), status::OK);
    let context = format!("{}, {limit} bytes, {version:?}", bomb.name);
    for round in 1..=rounds {
        let (answer, text) =
            run(&mut lua, bomb.source.as_bytes()).expect("the reserve has room for the source");
        assert!(bomb.statuses.contains(&-answer.min(0)), "{context}, round {round}: {answer} {text}");
        assert!(answer != -status::ERRMEM || text.contains("not enough memory"), "{context}: {text}");
        assert!(lua.get(option::MEMORY_USED) <= limit + RESERVE, "{context}");
        assert!(lua.get(option::MEMORY_PEAK) <= limit + RESERVE, "{context}");
        assert!(is_usable(&mut lua), "return 2+2 gives 4: {context}, round {round}");
        lua.call::<_, i32>("output_clear", ());
    }
    assert_all_freed(&mut lua, &context);
}

fn explode_all(version: Version, limits: impl IntoIterator<Item = u32>) {
    for limit in limits {
        for bomb in BOMBS {
            explode(version, bomb, f64::from(limit) * 1024.0);
        }
    }
}

for_each_version! {
    fn no_bomb_passes_a_small_limit(version: Version) {
        explode_all(version, 64..=96);
    }

    fn no_bomb_passes_a_large_limit(version: Version) {
        explode_all(version, [128, 256, 512, 1024, 4096]);
    }

    fn no_bomb_passes_a_huge_limit(version: Version) {
        explode_all(version, [16 * 1024, 64 * 1024]);
    }

    fn garbage_makes_room_for_a_buffer(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::MEMORY, 8_388_608.0);
        assert_eq!(lua.run("local t = {} while true do t[#t + 1] = ('x'):rep(1000) end").status(), status::ERRMEM);
        // All of that is garbage now.
        assert_eq!(lua.eval("return #('a'):rep(3000)"), "3000");
        assert_eq!(lua.run("local t = {} while true do t[#t + 1] = {} end").status(), status::ERRMEM);
        assert_eq!(lua.eval("return #string.format('%s%s', ('x'):rep(20000), ('y'):rep(20000))"), "40000");
    }

    fn too_little_to_start_is_an_error_that_lifting_the_limit_ends(version: Version) {
        let (mut started, mut refused) = (0, 0);
        for limit in [1, 2, 16, 100, 1000, 4096, 8192, 12_000, 16_000, 18_000, 20_000, 24_000, 32_768] {
            for ballast in (0..32).map(|size| size << 10) {
                let mut lua = Lua::new(version);
                assert_eq!(lua.set(option::MEMORY, f64::from(limit)), status::OK);
                let held: u32 = lua.call("alloc", ballast);
                let context = format!("{limit} bytes, of which the host holds {ballast} at {held}");
                for _ in 0..3 {
                    match run(&mut lua, b"return 2+2") {
                        Some((1, text)) => {
                            assert_eq!(text, "4", "{context}");
                            started += 1;
                        }
                        Some((answer, text)) => {
                            assert_eq!(answer, -status::ERRMEM, "{context}: {text}");
                            assert!(text.contains("not enough memory"), "{context}: {text}");
                            refused += 1;
                        }
                        None => refused += 1,
                    }
                    assert!(lua.get(option::MEMORY_PEAK) <= f64::from(limit) + RESERVE, "{context}");
                }
                assert_eq!(lua.set(option::MEMORY, 0.0), status::OK);
                lua.assert_usable();
                lua.take((held, ballast));
                assert_all_freed(&mut lua, &context);
            }
        }
        assert!(started > 100 && refused > 100, "{started} started, {refused} did not");
    }

    fn an_engine_that_gives_no_memory_gets_an_error(version: Version) {
        let mut lua = Lua::with_pages(version, initial_pages(version));
        assert_eq!(lua.call::<_, i32>("alloc", 65_536), 0);
        for _ in 0..3 {
            // Behind the data there may be just enough to start.
            match lua.call::<_, i32>("compute", (0, 0)) {
                0 => assert!(is_usable(&mut lua)),
                answer => {
                    assert_eq!(answer, -status::ERRMEM);
                    assert_eq!(lua.result(), b"not enough memory to start Lua");
                }
            }
            reset(&mut lua);
        }
    }

    fn memory_that_the_engine_refuses_is_an_error_like_any_other(version: Version) {
        let initial = initial_pages(version);
        for pages in initial + 1..=initial + 40 {
            for bomb in BOMBS {
                let mut lua = Lua::with_pages(version, pages);
                let context = format!("{}, {pages} pages, {version:?}", bomb.name);
                for _ in 0..2 {
                    let (answer, text) = run(&mut lua, bomb.source.as_bytes()).expect("memory held back for it");
                    assert!(bomb.statuses.contains(&-answer.min(0)), "{context}: {answer} {text}");
                    assert!(is_usable(&mut lua), "return 2+2 gives 4: {context}");
                    lua.call::<_, i32>("output_clear", ());
                }
                assert_all_freed(&mut lua, &context);
            }
        }
    }

    fn a_long_source_over_the_limit_is_refused(version: Version) {
        let mut lua = Lua::new(version);
        let source = format!("return #'{}'", "x".repeat(1 << 20));
        let buffer = lua.put(source.as_bytes());
        let used = lua.get(option::MEMORY_USED);
        lua.set(option::MEMORY, used + 100_000.0);
        for _ in 0..5 {
            assert_eq!(lua.call::<_, i32>("compute", buffer), -status::ERRMEM);
            assert!(is_usable(&mut lua));
        }
        lua.set(option::MEMORY, 0.0);
        assert_eq!(lua.call::<_, i32>("compute", buffer), 7);
        lua.take(buffer);
        assert_all_freed(&mut lua, "a long source");
    }

    fn sources_of_64_mib_run(version: Version) {
        const SIZE: usize = 64 << 20;
        let mut lua = Lua::new(version);
        assert_eq!(lua.run(""), moonlet_tests::Run { answer: 0, result: vec![], output: vec![] });
        for filler in ["-- a comment\n", " ", "\n", ";"] {
            let mut source = filler.repeat(SIZE / filler.len());
            source.push_str("return 1");
            assert_eq!(lua.eval(source), "1", "{filler:?}");
        }
        let literal = format!("return '{}'", "x".repeat(SIZE));
        assert_eq!(lua.run(&literal).answer, SIZE as i32);
        assert_eq!(lua.run(&literal[..literal.len() - 1]).answer, -status::ERRSYNTAX);
        lua.assert_usable();
        assert_all_freed(&mut lua, "sources of 64 MiB");
    }

    fn nothing_leaks(version: Version) {
        let count = std::env::var("COUNT").map_or(40_000, |count| count.parse().expect("COUNT is a number"));
        let mut lua = Lua::new(version);
        let mut warm = None;
        for cycle in 0..count / CYCLE {
            // The same runs again, so that they need the same memory again.
            let mut random = Random(3);
            for _ in 0..CYCLE {
                let size = random.below(50) + 1;
                let run = lua.run(random.pick(LIFE).replace('$', &size.to_string()));
                assert!([0, 2, 3, 20].contains(&run.status()), "{}", run.text());
            }
            lua.eval("collectgarbage() collectgarbage()");
            let (pages, used) = (lua.memory.size(&lua.store), lua.get(option::MEMORY_USED));
            let (first_pages, first_used) = *warm.get_or_insert((pages, used));
            if cycle < WARM {
                warm = Some((pages, used));
            } else {
                assert!(pages <= first_pages + FRAGMENTS, "memory grew from {first_pages} to {pages} pages in {cycle} cycles");
                assert!(used <= first_used, "{first_used} bytes were used, and {used} after {cycle} cycles");
            }
        }
        lua.assert_usable();
        assert_all_freed(&mut lua, "many runs");
    }
}

/// Runs after which memory must be as it was.
const CYCLE: u32 = 2000;

/// Cycles after which memory is as large as it gets.
const WARM: u32 = 10;

/// Pages by which memory may grow in the long term all the same: where the same blocks come to lie differently, the gaps
/// between them differ. A leak of one byte in each run takes more in a million.
const FRAGMENTS: u64 = 2;

/// What a host runs in the long term, good and bad; `$` is a small number.
#[rustfmt::skip]
const LIFE: &[&str] = &[
    "return 2 + $",
    "total = (total or 0) % 1000 + $ return total",
    "return = $",
    "return 'unfinished $",
    "error('failed $')",
    "error({$})",
    "error(setmetatable({}, {__tostring = function() return 'text $' end}))",
    "return nil .. $",
    "os.exit($)",
    "pcall(os.exit, $)",
    "local t <close> = setmetatable({}, {__close = function() error('closed $') end}) return $",
    "local co = coroutine.wrap(function(a) for i = 1, $ do a = coroutine.yield(a) end end) for i = 1, $ do co(i) end",
    "local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = print}) coroutine.yield($) end) coroutine.resume(co)",
    "coroutine.wrap(function() error('in a coroutine $') end)()",
    "local f = io.open('f$', 'w') f:write(('x'):rep($), $) f:close() os.remove('f$')",
    "for i = 1, $ do io.tmpfile():write('left open') end",
    "local f = io.open('log', 'w') for i = 1, $ do f:write(i, '\\n') end",
    "for l in io.lines('missing$') do end",
    "return ('word '):rep($):gsub('%w+', function(w) return w:upper() end)",
    "return ('a'):gsub('a', function() error('in a callback $') end)",
    "local t = {} for i = 1, $ do t[i] = -i end table.sort(t) return table.concat(t, ' ')",
    "table.sort({3, 1, 2}, function() os.exit($) end)",
    "for i = 1, $ do setmetatable({}, {__gc = function() last = i end}) end",
    "setmetatable({}, {__gc = function() error('in a finalizer $') end})",
    "print(('%5.2f'):format($), os.date('!%c', $))",
    "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) return t[$]",
    "return pcall(string.rep, 'x', 1 << 40)",
    "return load('return ' .. ('('):rep(300))",
    "return #('x'):rep($ * 1000)",
    "return package.loaded['m$'], pcall(require, 'm$')",
];
