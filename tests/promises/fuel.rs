//! What takes long in one step takes fuel for that: each charge of `src/lua` by itself, as a statement beside another that differs in
//! what is charged for, conversions between numbers and texts among them.

use moonlet_tests::{Lua, Version, option};

/// Rounds of a statement.
const ROUNDS: f64 = 20.0;

/// Short strings of one hash, by the bits of a number, with the seed that the host leaves alone.
const COLLIDE: &str = "local words = 'gA9B pbQc lbMc 0aOb Ygzh 0aQb saYf pbQc Oa0b yWZX pIQJ 0aOb sb8d ue7g uiXj We8f 0irk 0fSg VMwN qVTW' \
     local function collide(n) \
       return (words:gsub('(..)(..) ?', function(one, other) n = n >> 1 return n & 1 == 0 and one or other end)) \
     end ";

/// Units that a round of a statement takes beyond an empty one, with `prepared` before all rounds.
fn units(lua: &mut Lua, prepared: &str, statement: &str) -> f64 {
    let mut used = |statement: &str| {
        let source = format!(
            "{prepared} local start = host.budget() for i = 1, {ROUNDS} do {statement} end return start - host.budget()"
        );
        let units = lua.eval(&source).split('.').next().and_then(|units| units.parse::<f64>().ok());
        units.unwrap_or_else(|| panic!("{statement}: {}", String::from_utf8_lossy(&lua.result())))
    };
    (used(statement) - used("")) / ROUNDS
}

/// Text half-way between the two least doubles: three times five to the 1075th, by digits.
const HALF_WAY: &str = "local digits = {3} for _ = 1, 1075 do local carry = 0 \
     for i = 1, #digits do local n = digits[i] * 5 + carry digits[i], carry = n % 10, n // 10 end \
     if carry > 0 then digits[#digits + 1] = carry end end local half_way = table.concat(digits):reverse() .. 'e-1075'";

/// What is prepared, what takes short, what takes long, and the units that lie between at least.
#[rustfmt::skip]
const STATEMENTS: &[(&str, &str, &str, f64)] = &[
    // Calls of Lua's API, values that move, lists and chains that are walked.
    ("local s = ('x'):rep(200)", "local a = s:byte(1, 2)", "local a = s:byte(1, 200)", 150.0),
    ("local function f(...) for i = 1, 50 do local a = select('#', ...) end end local one, many = {1}, table.pack(('x'):rep(200):byte(1, -1))",
        "f(table.unpack(one))", "f(table.unpack(many, 1, 200))", 400.0),
    ("local t = {} local head = t for i = 1, 100 do local other = {} setmetatable(t, {__index = other}) t = other end", "local a = t.x", "local a = head.x", 100.0),
    ("local t = {} local head = t for i = 1, 100 do local other = {} setmetatable(t, {__newindex = other}) t = other end", "t.x = nil", "head.x = nil", 100.0),
    ("local g = function() end local f = g for i = 1, 15 do f = setmetatable({}, {__call = f}) end", "g()", "f()", 12.0),
    ("local t = {} for i = 1, 100000 do t[i] = i end for i = 1, 99999 do t[i] = nil end", "next(t, 100000)", "next(t)", 1000.0),
    ("local function down(n, f) if n > 0 then return down(n - 1, f) + 1 end return f() end local getinfo = debug.getinfo",
        "down(1000, function() for j = 1, 50 do getinfo(2, 'l') end return 0 end)", "down(1000, function() for j = 1, 50 do getinfo(1000, 'l') end return 0 end)", 5000.0),
    // Keys and strings that share a place.
    ("local t, u = {}, {} for i = 1, 500 do t[i * 511] = true u[-i] = true end", "for j = 1, 500 do local a = u[-j] end", "for j = 1, 500 do local a = t[j * 511] end", 20000.0),
    ("local parts = {} for i = 1, 150 do parts[i] = 'local a' .. i .. ' = ' .. i .. ' keep(function() return a' .. i .. ' end) ' end local function keep() end \
      local text = table.concat(parts) .. ' for i = 1, 50 do local h = function() return a' local f, g = load('local keep = ... ' .. text .. '150 end end'), load('local keep = ... ' .. text .. '1 end end')",
        "f(keep)", "g(keep)", 500.0),
    // Ephemerons that depend on each other, until `kept` lets go of the first one.
    ("local t, weak = {}, setmetatable({}, {__mode = 'k'}) for i = 1, 2000 do t[i] = {} end for i = 2000, 2, -1 do weak[t[i - 1]] = t[i] end local kept = t[1] t = nil",
        "collectgarbage() kept = 1", "collectgarbage()", 30000.0),
    // Strings.
    ("local a, b = ('\\0'):rep(10000), ('\\0'):rep(10000) .. 'x'", "local x = 'a' < 'b'", "local x = a < b", 1000.0),
    ("local a, b = ('x'):rep(100000), ('x'):rep(100000) .. ''", "local x = a == 1", "local x = a == b", 1000.0),
    ("local a, b = '1', (' '):rep(100000) .. '1'", "local x = a + 0", "local x = b + 0", 5000.0),
    ("local a, b = '1', (' '):rep(100000) .. '1'", "local x = tonumber(a, 10)", "local x = tonumber(b, 10)", 1000.0),
    ("local a, b = '1', ('1'):rep(10000)", "local x = tonumber(a, 2)", "local x = tonumber(b, 2)", 9000.0),
    ("local a, b = '<', ('<'):rep(10000)", "local x = string.packsize(a)", "local x = string.packsize(b)", 9000.0),
    ("local a, b = 'x', ('x'):rep(100000)", "local x = a:format()", "local x = b:format()", 1000.0),
    ("local a, b = 'x', ('x'):rep(10000)", "local x = utf8.len(a)", "local x = utf8.len(b)", 9000.0),
    ("local a, b = ('n'):rep(1), ('n'):rep(10000)", "debug.getinfo(1, a)", "debug.getinfo(1, b)", 9000.0),
    ("local a, b = 'x', ('x'):rep(100000)", "local x = a:upper()", "local x = b:upper()", 1000.0),
    ("local a, b = 'x', ('?x'):rep(1000)", "local x = package.searchpath(a, a)", "local x = package.searchpath('y', b)", 100.0),
    // Numbers and texts.
    ("local format = string.format", "local s = format('%.3e', 1.5)", "local s = format('%.99e', 5e-324)", 5.0),
    ("local format = string.format", "local s = format('%.3f', 1.5)", "local s = format('%.99f', 1e308)", 5.0),
    ("local format = string.format", "local s = format('%q', 'a')", "local s = format('%q', '\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0')", 5.0),
    ("", "local s = tostring('1.5')", "local s = tostring(1.5)", 5.0),
    ("", "local n = tonumber('150')", "local n = tonumber('1.5')", 5.0),
    (HALF_WAY, "local n = tonumber('1.5')", "local n = tonumber(half_way)", 5.0),
    (HALF_WAY, "local n = load('return 1.5')", "local n = load('return ' .. half_way)", 5.0),
    ("local a, b = 'return 0xf', 'return 0x' .. ('f'):rep(50000)", "load(a)", "load(b)", 12000.0),
    ("", "local n = 5.5 n = n % 1.5", "local n = 1.7e308 n = n % 3e-308", 5.0),
    ("", "local n = math.fmod(5.5, 1.5)", "local n = math.fmod(1.7e308, 3e-308)", 5.0),
    // Errors.
    ("local function down(n, f) if n > 0 then return down(n - 1, f) + 1 end return f() end",
        "down(5000, function() return 0 end) for j = 1, 100 do pcall(error) end", "down(5000, function() for j = 1, 100 do pcall(error) end return 0 end)", 45000.0),
    ("local text = 'local a goto ending do ' .. ('a = 1 '):rep(10000) .. ' end ::ending:: ' x = {} local f, g = load(text .. 'x.y.z = 1'), load('x.y.z = 1')",
        "pcall(g)", "pcall(f)", 1000.0),
    ("local f, g = load('goto ending do ' .. ('a = 1' .. ('\\n'):rep(130)):rep(5000) .. ' end ::ending:: error(\"x\")', 'f'), load('error(\"x\")', 'f')",
        "pcall(g)", "pcall(f)", 500.0),
    // The parser.
    ("local a, b = ';', (';'):rep(1000)", "load(a)", "load(b)", 1900.0),
    ("local names = {} for i = 1, 190 do names[i] = 'local l' .. i end local list = table.concat(names, ' ') local a, b = (' y = 1'):rep(1000), list .. (' y = 1'):rep(1000)",
        "load(list) load(a)", "load(b)", 30000.0),
    ("local a, b = {}, {} for i = 1, 300 do a[i] = 'do ::l' .. i .. ':: x = 1 end ' b[i] = '::l' .. i .. ':: do x = 1 end ' end a, b = table.concat(a), table.concat(b)",
        "load(a)", "load(b)", 5000.0),
    ("local a, b = 'return ' .. ('a + '):rep(1000) .. 'b', 'return ' .. ('a and '):rep(1000) .. 'b'", "load(a)", "load(b)", 100000.0),
    ("local a, b = '--[[]]', '--[[' .. (' '):rep(100000) .. ']]'", "load(a)", "load(b)", 10000.0),
    // Files.
    ("local function file(name, text) local f = io.open(name, 'w') f:write(text) f:close() end file('a', '--') file('b', '--' .. (' '):rep(100000))",
        "loadfile('a')", "loadfile('b')", 12000.0),
    ("local f = io.open('c', 'w') f:write((' '):rep(10000), '1') f:close() f = io.open('c')", "f:seek('set', 10000) f:read('n')", "f:seek('set') f:read('n')", 15000.0),
    ("local f = io.open('d', 'w+') local a, b = 'x', ('x'):rep(100000)", "f:seek('set') f:write(a) f:seek('set') f:read(1)", "f:seek('set') f:write(b) f:seek('set') f:read(1)", 1000.0),
    ("local f = io.open('e', 'w+') f:write(('x'):rep(100000))", "f:seek('set', 99999) f:read('a')", "f:seek('set') f:read('a')", 1000.0),
];

for_each_version! {
    fn what_takes_longer_costs_more(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FUEL, 1e9);
        let mut wrong = Vec::new();
        for (prepared, short, long, least) in STATEMENTS {
            let (few, many) = (units(&mut lua, prepared, short), units(&mut lua, prepared, long));
            println!("{version:?}: {few:.0} {many:.0} {long}");
            if many < few + least {
                wrong.push(format!("{few:.0} units for {short}, {many:.0} for {long}"));
            }
        }
        assert!(wrong.is_empty(), "{version:?}: {}", wrong.join("\n"));
    }

    fn formatting_allocates_nothing_but_its_result(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FUEL, 1e9);
        for number in ["0.0", "-1.5", "123456789.25", "1e-300"] {
            let fixed = units(&mut lua, "", &format!("local s = string.format('%.3f', {number})"));
            let with_exponent = units(&mut lua, "", &format!("local s = string.format('%.3e', {number})"));
            // Looking at the number is one unit more, a digit of the text an eighth.
            assert!(fixed <= with_exponent + 3.0, "{number}: {fixed} units for %f, {with_exponent} for %e");
        }
        // A buffer in a userdata takes a dozen units more: none is needed where text has filled half of the small one.
        for item in ["%d", "%5d", "%-5d", "%x", "%g", "%5.1f", "%c"] {
            let text = "-".repeat(60);
            let first = units(&mut lua, "", &format!("local s = string.format('{item}{text}', 65)"));
            let last = units(&mut lua, "", &format!("local s = string.format('{text}{item}', 65)"));
            assert!(last <= first + 3.0, "{item}: {last} units after 60 bytes, {first} before them");
        }
        for (item, length) in [("%99d", 99), ("%.99d", 100), ("%99.99d", 100), ("%-99.99e", 107), ("%a", 23), ("%99.99a", 109), ("%99.99s", 99)] {
            let text = format!("return #string.format('x{item}x', {})", if item.contains('d') { "math.mininteger" } else { "-1.2345678901234567e-300" });
            assert_eq!(lua.eval(&text), (length + 2).to_string(), "{item}");
        }
        assert_eq!(lua.eval("return #string.format('%.99f', -1.7976931348623157e308)"), "410");
        assert_eq!(lua.eval("return #string.format('%.99f', -999999999.9)"), "110");
        assert_eq!(lua.eval("return #string.format('%99.99f', '-1e9')"), "111");
    }

    fn a_table_grows_at_the_same_cost_whatever_its_keys_are(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FUEL, 1e9);
        let spread = units(&mut lua, "", "local t = {} for i = 1, 2049 do t[i * 4096] = true end");
        let colliding = units(&mut lua, "", "local t = {} for i = 1, 2049 do t[i * 4095] = true end");
        assert!(colliding < 10.0 * spread, "{colliding} units for keys that collide, {spread} for others");
    }

    fn strings_of_one_hash_cost_more(version: Version) {
        let mut lua = Lua::new(version);
        lua.set(option::FUEL, 1e9);
        let kept = format!("{COLLIDE} local kept, t = {{}}, {{}} for n = 1, 300 do kept[n] = collide(n << 1) t[kept[n]] = n end local head = {{}} for n = 1, 300 do head[n] = kept[n]:sub(1, 20) end");
        let fields = format!(
            "{kept} local u, one, other = {{}}, {{'local t = ... '}}, {{'local t = ... '}} \
             for n = 1, 100 do u['plain' .. n] = n one[n + 1] = 'local x' .. n .. ' = t[\"' .. kept[n] .. '\"] ' other[n + 1] = 'local x' .. n .. ' = t[\"plain' .. n .. '\"] ' end \
             one, other = load(table.concat(one)), load(table.concat(other))"
        );
        let (found, others) = (units(&mut lua, &fields, "one(t)"), units(&mut lua, &fields, "other(u)"));
        assert!(found > others + 10_000.0, "{found} units for fields that share a place, {others} for others");
        // A hundred reads and a call: a few steps along a place are free.
        assert!(others < 130.0, "{others} units for a hundred fields");
        let made = units(&mut lua, &kept, "for n = 1, 300 do local x = head[n] .. kept[n]:sub(21) end");
        let unlike = units(&mut lua, &kept, "for n = 1, 300 do local x = head[n] .. kept[n]:sub(22) end");
        assert!(made > unlike + 10_000.0, "{made} units for strings that share a place, {unlike} for others");
    }

    fn a_chunk_costs_the_same_wherever_it_lies(version: Version) {
        let functions = (0..40).map(|i| format!("local function f{i}(t) t.a{i} = nil t.b = 0.0 return function() return t.c{i}, {i}.5 end end "));
        let source: String = functions.collect();
        let units = [0, 8, 24, 40, 100, 1000, 5000, 20000].into_iter().map(|held| {
            let mut lua = Lua::new(version);
            lua.set(option::FUEL, 1e9);
            lua.put(&vec![0; held]);
            lua.eval(&source);
            lua.get(option::FUEL_USED)
        });
        let units: Vec<f64> = units.collect();
        assert!(units.iter().all(|&others| others == units[0]), "{units:?} units");
    }
}

#[test]
fn arguments_in_a_table_cost_by_their_number() {
    let mut lua = Lua::new(Version::Lua55); // 5.4 names none
    lua.set(option::FUEL, 1e9);
    let prepared = "local function all(...args) args.n = args.n return ... end local last = ('x'):rep(80000)";
    // What a C function left in the record of its call must not count as a number of arguments.
    let call = "local n = select('#', all(1, 2, 3))";
    let search = "last:gsub('x', print, 0) last:gsub('x$', function() end)";
    let (plain, searched) = (units(&mut lua, prepared, call), units(&mut lua, prepared, search));
    let both = units(&mut lua, prepared, &format!("{search} {}", call.repeat(20)));
    assert!(plain < 200.0, "{plain} units for a call with three arguments");
    assert!(both < searched + 25.0 * plain, "{plain} units for a call, {both} for twenty after {searched}");
    let many = units(&mut lua, prepared, "local n = select('#', all(table.unpack({}, 1, 9000)))");
    assert!(many > plain + 9000.0 / 8.0, "{plain} units for three arguments, {many} for 9,000");
}
