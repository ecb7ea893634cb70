//! Recursion of every kind ends in an ordinary error, on an engine with its default stack.

use moonlet_tests::{Lua, Version, status};

/// What a script does over and over, how it must end, and what the result or message must then hold.
struct Kind {
    name: &'static str,
    source: &'static str,
    status: i32,
    text: &'static str,
}

const fn kind(name: &'static str, status: i32, text: &'static str, source: &'static str) -> Kind {
    Kind { name, source, status, text }
}

const OK: i32 = status::OK;
const ERR: i32 = status::ERRRUN;

#[rustfmt::skip]
const CALLS: &[Kind] = &[
    kind("plain", ERR, "stack overflow", "local function f() return 1 + f() end return f()"),
    kind("mutual", ERR, "stack overflow", "local a, b function a() return 1 + b() end function b() return 1 + a() end a()"),
    kind("varargs", ERR, "stack overflow", "local function f(...) return 1 + f(1, ...) end f()"),
    kind("tail calls", OK, "300000", "local function f(n) if n == 300000 then return n end return f(n + 1) end return f(0)"),
    kind("pcall", ERR, "stack overflow", "local function f() local ok, e = pcall(f) if not ok then error(e, 0) end end f()"),
    kind("pcall, results kept", OK, "C stack overflow", "local function f() return pcall(f) end return select(-1, f())"),
    kind("pcall in a callback", ERR, "C stack overflow", "local function f() local ok, e = pcall(string.gsub, 'a', 'a', f) error(e, 0) end f()"),
    kind("xpcall", ERR, "stack overflow", "local function f() local ok, e = xpcall(f, debug.traceback) if not ok then error(e, 0) end end f()"),
    kind("xpcall(f, f)", OK, "false", "local function f(...) return xpcall(f, f, ...) end return (not f()) or false"),
    kind("error handlers that fail", OK, "false\t", "local function h(e) error(e, 0) end return xpcall(h, h, 'x')"),
    kind("error handlers that overflow", OK, "false", "local function h(e) return h(e) .. 'x' end return xpcall(h, h, 'x')"),
    kind("error handlers that fail in a match", OK, "false", "return (xpcall(error, ('a'):rep(33):gmatch(('(a)'):rep(33))))"),
    kind("error handlers that fail deep in a match", OK, "false",
        "local s, p = ('a'):rep(190), ('a?'):rep(190) .. '[' return (xpcall(error, function() return s:find(p) end))"),
    kind("load", ERR, "stack overflow", "s = 'return 1 + load(s)()' load(s)()"),
    kind("load's reader", ERR, "C stack overflow", "local function f() assert(load(function() f() end)) end f()"),
    kind("load's reader in an expression", ERR, "C stack overflow",
        "local function f() local n = 0 assert(load(function() n = n + 1 if n == 1 then return 'return {f(((' end f() end)) end f()"),
    kind("dofile", ERR, "C stack overflow", "local f = io.open('r.lua', 'w') f:write('return 1 + dofile(\"r.lua\")') f:close() dofile('r.lua')"),
    kind("require", ERR, "C stack overflow", "local f = io.open('q.lua', 'w') f:write('return require(\"q\")') f:close() require('q')"),
    kind("searchers", ERR, "C stack overflow", "local n = 0 package.searchers[1] = function() n = n + 1 require('m' .. n) end require('m')"),
    kind("string.gsub", ERR, "C stack overflow", "local function f() return ('a'):gsub('a', f) end f()"),
    kind("string.gsub with captures", ERR, "C stack overflow", "local function f() return ('a'):rep(32):gsub(('(a)'):rep(32), f) end f()"),
    kind("string.gsub in a table", ERR, "C stack overflow", "local t = setmetatable({}, {__index = function(t) return ('a'):gsub('a', t) end}) t.x = t.y"),
    kind("string.gmatch", ERR, "stack overflow", "local function f() for c in ('abc'):gmatch('.') do f() end end f()"),
    kind("table.sort", ERR, "C stack overflow", "local function f() table.sort({3, 1, 2}, f) end f()"),
    kind("table.sort, deep in its own", ERR, "C stack overflow", r"
        local t = {}
        for i = 1, 1 << 17 do t[i] = i end
        local function f()
          local nested = false -- a difference of two is seen where three elements are left to sort
          table.sort(t, function(a, b) if a - b == 2 and not nested then nested = true f() end return a < b end)
        end
        f()"),
    kind("table.concat", ERR, "C stack overflow", "local t = setmetatable({}, {__len = function() return 1 end, __index = function(t) return table.concat(t) end}) table.concat(t)"),
    kind("table.unpack", ERR, "C stack overflow", "local t = setmetatable({}, {__index = function(t) return table.unpack(t, 1, 1) end}) table.unpack(t, 1, 1)"),
    kind("table.insert", ERR, "C stack overflow", "local t = setmetatable({}, {__newindex = function(t) table.insert(t, 1) end}) table.insert(t, 1)"),
    kind("table.move", ERR, "C stack overflow", "local t = setmetatable({}, {__index = function(t) return table.move(t, 1, 1, 2) end}) table.move(t, 1, 1, 2)"),
    kind("os.time", ERR, "C stack overflow", "local t = setmetatable({}, {__index = function(t) return os.time(t) end}) os.time(t)"),
    kind("math.max", ERR, "C stack overflow", "local m = {} m.__lt = function(a, b) return math.max(a, b) end local t = setmetatable({}, m) return math.max(1, 2) < t"),
    kind("pairs", ERR, "C stack overflow", "local t = setmetatable({}, {__pairs = function(t) return pairs(t) end}) pairs(t)"),
    kind("ipairs", ERR, "C stack overflow", "local t = setmetatable({}, {__index = function(t) for _ in ipairs(t) do end end}) for _ in ipairs(t) do end"),
    kind("tostring", ERR, "C stack overflow", "local t = setmetatable({}, {__tostring = function(t) return tostring(t) end}) tostring(t)"),
    kind("the result's tostring", ERR, "C stack overflow", "return setmetatable({}, {__tostring = function(t) return tostring(t) .. '' end})"),
    kind("the error's tostring", ERR, "C stack overflow", "error(setmetatable({}, {__tostring = function(t) return tostring(t) .. '' end}))"),
    kind("print", ERR, "C stack overflow", "local t = setmetatable({}, {__tostring = function(t) print(t) return '' end}) print(t)"),
    kind("string.format", ERR, "C stack overflow", "local t = setmetatable({}, {__tostring = function(t) return ('%s'):format(t) end}) return ('%s'):format(t)"),
    kind("hooks of coroutines", ERR, "C stack overflow", r"
        local function f()
          local co = coroutine.create(function() return 1 end)
          debug.sethook(co, f, 'c')
          assert(coroutine.resume(co))
        end
        f()"),
    kind("coroutine.wrap", ERR, "C stack overflow", "local function f() return coroutine.wrap(f)() end f()"),
    kind("coroutine.resume", ERR, "C stack overflow", "local function f() assert(coroutine.resume(coroutine.create(f))) end f()"),
    kind("coroutines in pcall", ERR, "C stack overflow", "local function f() local ok, e = pcall(coroutine.wrap(f)) error(e, 0) end f()"),
    kind("coroutines in string.gsub", ERR, "C stack overflow", "local function f() return ('a'):gsub('a', coroutine.wrap(f)) end f()"),
    kind("coroutine.close", ERR, "C stack overflow", r"
        local function f()
          local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = f}) coroutine.yield() end)
          coroutine.resume(co)
          assert(coroutine.close(co))
        end
        f()"),
    kind("yields across pcall", OK, "100000", r"
        local co = coroutine.wrap(function() for i = 1, 100000 do pcall(coroutine.yield, i) end return 'end' end)
        local last
        for i = 1, 100000 do last = co() end
        return last"),
];

#[rustfmt::skip]
const METAMETHODS: &[Kind] = &[
    kind("__index", ERR, "C stack overflow", "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) return t[1]"),
    kind("__index of strings", ERR, "C stack overflow", "getmetatable('').__index = function(s, k) return s[k + 1] end return ('')[1]"),
    kind("__index tables in a loop", ERR, "'__index' chain too long; possib", "local t = {} setmetatable(t, {__index = t}) return t.x"),
    kind("__index tables in a row", ERR, "'__index' chain too long", "local t = {} for i = 1, 3000 do t = setmetatable({}, {__index = t}) end return t.x"),
    kind("__newindex", ERR, "C stack overflow", "local t = setmetatable({}, {__newindex = function(t, k, v) t[k + 1] = v end}) t[1] = 1"),
    kind("__newindex tables in a loop", ERR, "'__newindex' chain too long; possib", "local t = {} setmetatable(t, {__newindex = t}) t.x = 1"),
    kind("__call", ERR, "stack overflow", "local t = setmetatable({}, {__call = function(t) return 1 + t() end}) t()"),
    kind("__call of __call", OK, "chain too long", "local t = function(...) return 'chain too long' end for i = 1, 3000 do t = setmetatable({}, {__call = t}) end return select(2, pcall(t))"),
    kind("__add", ERR, "C stack overflow", "local t = setmetatable({}, {__add = function(a, b) return a + b end}) return t + 1"),
    kind("__unm", ERR, "C stack overflow", "local t = setmetatable({}, {__unm = function(a) return -a end}) return -t"),
    kind("__len", ERR, "C stack overflow", "local t = setmetatable({}, {__len = function(a) return #a end}) return #t"),
    kind("__concat", ERR, "C stack overflow", "local t = setmetatable({}, {__concat = function(a, b) return a .. b end}) return t .. 'x'"),
    kind("__eq", ERR, "C stack overflow", "local m = {__eq = function(a, b) return a == b end} return setmetatable({}, m) == setmetatable({}, m)"),
    kind("__lt", ERR, "C stack overflow", "local m = {__lt = function(a, b) return a < b end} return setmetatable({}, m) < setmetatable({}, m)"),
    kind("__le", ERR, "C stack overflow", "local m = {__le = function(a, b) return a <= b end} return setmetatable({}, m) <= setmetatable({}, m)"),
    kind("__lt in table.sort", ERR, "C stack overflow", "local m = {} local t = {} for i = 1, 9 do t[i] = setmetatable({}, m) end m.__lt = function() table.sort(t) end table.sort(t)"),
    kind("__close", ERR, "stack overflow", "local function f() local x <close> = setmetatable({}, {__close = function() f() end}) end f()"),
    kind("__close after errors", status::ERRERR, "error in error handling", "local function f() local x <close> = setmetatable({}, {__close = function() f() end}) error('x') end f()"),
    kind("__gc", OK, "true", r"
        local n = 0
        local function make() setmetatable({}, {__gc = function() n = n + 1 make() collectgarbage() ('x'):rep(1000) end}) end
        local step = make
        make = function() step() end
        make()
        for i = 1, 100 do collectgarbage() end
        return n > 0"),
    kind("__gc that overflows", OK, "done", "setmetatable({}, {__gc = function() local function f() return ('a'):gsub('a', f) end f() end}) collectgarbage() return 'done'"),
];

#[rustfmt::skip]
const PATTERNS: &[Kind] = &[
    kind("optional items", ERR, "pattern too complex", "return ('a'):rep(300):find(('a?'):rep(300) .. 'b')"),
    kind("repeated items", ERR, "pattern too complex", "return ('ab'):rep(300):find(('a*b*'):rep(300))"),
    kind("lazy items", ERR, "pattern too complex", "return ('a'):rep(300):match(('.-a'):rep(300))"),
    kind("captures in a row", OK, "\t\t", "return ('a'):rep(300):match('^' .. ('(.-)'):rep(32))"),
    kind("captures in captures", OK, "aa\taa", "return ('aa'):match(('('):rep(32) .. 'aa' .. (')'):rep(32))"),
    kind("too many captures", ERR, "too many captures", "return ('a'):match(('('):rep(33) .. 'a' .. (')'):rep(33))"),
    kind("balanced brackets", OK, "200000", "return select(2, (('('):rep(100000) .. (')'):rep(100000)):find('^%b()'))"),
    kind("long backtracking", OK, "nil", "return ('a'):rep(1000000):find('^.*b'), ('a'):rep(20000):find('^.-b'), ('a'):rep(300):find('.-.-b')"),
    kind("frontiers", OK, "3", "return #('aaa'):match(('%f[^%z]'):rep(5000) .. 'aaa')"),
    kind("a pattern in a callback", ERR, "pattern too complex",
        "local s, p = ('a'):rep(300), ('a?'):rep(300) .. 'b' local function f() s:gsub(p, f) end return ('a'):gsub('a', f)"),
];

/// Whatever reaches deepest from one level of C, to be run at the bottom.
const LEAVES: &str = r#"
    local many, pattern, sorted = ('a'):rep(300), ('a?'):rep(190), {}
    for i = 1, 200 do sorted[i] = i end
    local deep = {} for i = 1, 127 do deep = {x = deep} end
    local thing = setmetatable({}, {__name = 'thing', __index = error, __lt = error})
    local leaves = {
      function() return ('%.99f|%99.99g|%.99a|%q|%s'):format(1e308, 1 / 3, 0.1, 1e-310, 2^53) end,
      function() return many:find(pattern), many:gsub(pattern, '%0%0') end,
      function() return tostring(1e300) .. 2^0.5 .. #tostring(-1e-300) .. tonumber('0x1.fffffffffffffp1023') end,
      function() return tonumber(('9'):rep(199)), tonumber(('1'):rep(150) .. 'e-250'), tonumber('1' .. ('0'):rep(400)) end,
      function() return os.date('%c %x %X %p %A %B %j %U', 0), os.time({year = 2026, month = 2, day = 30}) end,
      function() table.sort(sorted, function(a, b) return a > b end) table.sort(sorted) end,
      function() return load('return {f(function(...) return ((((((1 .. 2))))))^2^2^-2 end)}') end,
      function() local f = io.open('leaf', 'w') f:write(1e300, 'x\n', 7) f:close() return io.lines('leaf', 'n', 'l', 'a')() end,
      function() return string.dump(load('local a, b = 1 return function() return a, b, {} end')) end,
      function() return dofile('leaf'), require('leaf') end,
      function() return thing + 1 end,
      function() return thing.x.y.z end,
      function() return thing < thing end,
      function() return debug.traceback('x', 0), debug.getinfo(1).short_src end,
      function() return ('<!1i16>i7zs4j'):pack(1, 2, 'z', 's', 3):byte(1, -1) end,
      function() return table.concat(table.move(sorted, 1, 200, 2, {1}), ','):upper():reverse() end,
      function() return utf8.char(72, 0x20AC, 0x7FFFFFFF), select('#', table.unpack(sorted, 1, 200)) end,
      function() return coroutine.wrap(function() error(thing) end)() end,
      function() setmetatable({}, {__gc = function() error(('%.99f'):format(1)) end}) collectgarbage() end,
      function() return ('%d'):format('x') end,
      function() return msgpack.decode(msgpack.encode(deep)), msgpack.encode({deep}) end,
      function() local t <close> = setmetatable({}, {__close = function() return ('%.99f'):format(1) end}) error(t) end,
    }
    local depth = 0
    local function enter()
      depth = depth + 1
      if depth > 60 then for _, leaf in ipairs(leaves) do pcall(leaf) xpcall(leaf, debug.traceback) end end
    end
"#;

/// Ways down to the bottom; each calls `enter` at each level.
#[rustfmt::skip]
const DESCENTS: &[(&str, &str)] = &[
    ("string.gsub", "local function f() enter() return ('a'):gsub('a', f) end f()"),
    ("string.format", "local t = setmetatable({}, {__tostring = function(t) enter() return ('%s'):format(t) end}) return tostring(t)"),
    ("table.concat", "local t = setmetatable({}, {__len = function() return 1 end, __index = function(t) enter() return table.concat(t) end}) table.concat(t)"),
    ("table.sort", "local function f() enter() table.sort({3, 1, 2}, f) end f()"),
    ("load", "local function f() enter() assert(load(function() f() end)) end f()"),
    ("require", "table.insert(package.searchers, 1, function(name) enter() require(name .. 'x') end) require('x')"),
    ("coroutine.wrap", "local function f() enter() return coroutine.wrap(f)() end f()"),
    ("coroutine.close", r"
        local function f()
          enter()
          local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = f}) coroutine.yield() end)
          coroutine.resume(co)
          assert(coroutine.close(co))
        end
        f()"),
    ("pcall in callbacks", "local function f() enter() local ok, e = pcall(string.gsub, 'a', 'a', f) error(e, 0) end f()"),
    ("metamethods", "local t = setmetatable({}, {__add = function(a, b) enter() return a + b end}) return t + 1"),
    ("handlers", "local function f() enter(); ('a'):gsub('a', f) end xpcall(f, function() f() end) f()"),
    ("finalizers", "setmetatable({}, {__gc = function() local function f() enter(); ('a'):gsub('a', f) end f() end}) collectgarbage() error('stack overflow')"),
];

/// Texts that open a level, stand in the middle, and close a level.
#[rustfmt::skip]
const NESTS: &[(&str, &str, &str, &str)] = &[
    ("return ", "(", "1", ")"),
    ("return ", "{", "", "}"),
    ("return ", "{a = ", "1", "}"),
    ("return ", "{[{", "1", "}] = 1}"),
    ("return ", "a[", "1", "]"),
    ("return ", "f(", "1", ")"),
    ("return ", "f{", "1", "}"),
    ("return ", "a:b(", "1", ")"),
    ("return ", "function() return ", "1", " end"),
    ("return ", "(function() return ", "1", " end)()"),
    ("local x return ", "function() return ", "x", " end"),
    ("return ", "- ", "1", ""),
    ("return ", "not ", "1", ""),
    ("return ", "#", "x", ""),
    ("return ", "~", "1", ""),
    ("return ", "a .. ", "a", ""),
    ("return ", "2 ^ ", "2", ""),
    ("return ", "1 < (", "1", ")"),
    ("", "do ", "", " end "),
    ("", "while x do ", "", " end "),
    ("", "if x then ", "", " end "),
    ("", "if x then else ", "", " end "),
    ("", "repeat ", "", " until x "),
    ("", "for i = 1, 1 do ", "", " end "),
    ("", "for k in f do ", "", " end "),
    ("", "function f() ", "", " end "),
    ("", "local function f() ", "", " end "),
    ("local x ", "local function f() ", "x = x", " end "),
    ("", "a, ", "a = 1", ""),
    ("", "do goto l ", "", " end ::l:: "),
    ("", "f(function() local x <close> = f ", "", " end) "),
];

/// Texts that are long without being deep, so any length is fine.
#[rustfmt::skip]
const CHAINS: &[(&str, &str, &str)] = &[
    ("local a = {} a.b = a return a", ".b", " == a"),
    ("local a a = function() return a end return a", "()", " == a"),
    ("local a = {} function a:b() return a end return a", ":b''", " == a"),
    ("return 1", " + 1", " > 1"),
    ("return true", " and true", ""),
    ("if false then ", "elseif false then ", "else return true end"),
    ("", ";", "return true"),
    ("return true --x", "[=[", ""),
];

/// Where the module's own stack starts; it grows down to 0.
fn stack_top(version: Version) -> usize {
    let mut top = 0;
    for payload in wasmparser::Parser::new(0).parse_all(&version.bytes()) {
        if let wasmparser::Payload::GlobalSection(globals) = payload.expect("a well-formed module") {
            for global in globals {
                let global = global.expect("a global");
                let start = global.init_expr.get_operators_reader().read().expect("an operator");
                if let (true, wasmparser::Operator::I32Const { value }) = (global.ty.mutable, start) {
                    top = top.max(usize::try_from(value).expect("an address or zero"));
                }
            }
        }
    }
    assert!(top > 0, "one global is the stack pointer");
    top
}

/// Bytes of the module's own stack that stay untouched in the worst case: an overflow there is a trap.
const MARGIN: usize = 4096;
const UNTOUCHED: u8 = 0xa5;

/// Runs `source` in a fresh instance: what is wrong when it does not end as told, leaves the instance unusable, or
/// leaves the stack without room.
fn wrong(version: Version, source: &str, status: i32, text: &str) -> Option<String> {
    let mut lua = Lua::new(version);
    let top = stack_top(version);
    lua.memory.data_mut(&mut lua.store)[..top].fill(UNTOUCHED);
    let buffer = lua.put(source.as_bytes());
    let answer = match lua.try_call::<_, i32>("compute", buffer) {
        Ok(answer) => answer,
        Err(trap) => return Some(format!("trapped: {trap}")),
    };
    let untouched = lua.memory.data(&lua.store)[..top].iter().take_while(|&&byte| byte == UNTOUCHED).count();
    let result = String::from_utf8_lossy(&lua.result()).into_owned();
    lua.assert_usable();
    if -answer.min(0) != status || !result.contains(text) {
        return Some(format!("answered {answer}, {result:.300}"));
    }
    (untouched < MARGIN).then(|| format!("used {} of {top} bytes of stack", top - untouched))
}

/// All of them, so that one run shows every kind that fails.
fn assert_all_end<'a>(version: Version, kinds: impl IntoIterator<Item = (&'a str, String, i32, &'a str)>) {
    let failures: Vec<String> = kinds
        .into_iter()
        .filter_map(|(name, source, status, text)| {
            wrong(version, &source, status, text).map(|what| format!("{name}: {what}"))
        })
        .collect();
    assert!(failures.is_empty(), "{version:?}:\n{}", failures.join("\n"));
}

fn all_end(version: Version, kinds: &[Kind]) {
    assert_all_end(
        version,
        kinds.iter().map(|kind| (kind.name, kind.source.to_string(), kind.status, kind.text)),
    );
}

for_each_version! {
    fn recursive_calls_end_in_errors(version: Version) {
        all_end(version, CALLS);
    }

    fn recursive_metamethods_end_in_errors(version: Version) {
        all_end(version, METAMETHODS);
    }

    fn patterns_have_a_depth(version: Version) {
        all_end(version, PATTERNS);
    }

    fn the_library_works_at_the_bottom_of_each_recursion(version: Version) {
        assert_all_end(
            version,
            DESCENTS.iter().map(|(name, descent)| (*name, format!("{LEAVES} {descent}"), ERR, "stack overflow")),
        );
    }

    fn nested_syntax_is_refused_from_some_depth_on(version: Version) {
        let mut lua = Lua::new(version);
        for (head, open, middle, close) in NESTS {
            let mut deepest = 0;
            for depth in (10..250).step_by(3).chain([300, 1000, 100_000]) {
                let nest = format!("{head}{}{middle}{}", open.repeat(depth), close.repeat(depth));
                let run = lua.run(format!("local function unused() {nest} end return 'loaded'"));
                if run.text() == "loaded" {
                    deepest = depth;
                    continue;
                }
                let refused = ["C stack overflow", "too many", "limit is"].iter().any(|why| run.text().contains(why));
                assert!(run.answer < 0 && refused, "{open} {depth} times: {:.300}", run.text());
            }
            assert!((25..1000).contains(&deepest), "{open} loads up to {deepest} times");
            lua.assert_usable();
        }
    }

    fn long_chains_are_no_recursion(version: Version) {
        let mut lua = Lua::new(version);
        for (head, link, end) in CHAINS {
            assert_eq!(lua.eval(format!("{head}{}{end}", link.repeat(20_000))), "true", "{link}");
        }
        lua.assert_usable();
    }

    fn nested_syntax_is_refused_at_the_bottom_of_a_recursion(version: Version) {
        assert_all_end(
            version,
            NESTS.iter().map(|(head, open, middle, close)| {
                let source = format!(
                    "local s = '{head}' .. ('{open}'):rep(250) .. '{middle}' .. ('{close}'):rep(250) \
                     local function f() load(s) return ('a'):gsub('a', f) end f()"
                );
                (*open, source, ERR, "C stack overflow")
            }),
        );
    }
}
