//! What expressions and statements are made of. A letter in braces is a hole; `Generator::hole` says what goes in.
//!
//! No template shows an address, depends on the size of a pointer, or can run for long; powers and transcendental
//! functions, whose last digit C leaves open, are rounded by `near`.

#[rustfmt::skip]
pub const INTEGERS: &[&str] = &[
    "({i} + {i})", "({i} - {i})", "({i} * {i})", "({i} // {i})", "({i} % {i})", "({i} & {i})", "({i} | {i})", "({i} ~ {i})",
    "({i} << {k})", "({i} >> {i})", "(- {i})", "(~ {i})", "#({s})", "#({t})", "math.tointeger({n})", "select('#', {v}, {v})",
    "({s}):byte({k})", "utf8.len({s}, {k})", "string.find({s}, {s}, {k}, true)", "({b} and {i} or {i})", "{i} + {i} * {i} - {i}",
    "math.abs({i})", "math.max({i}, {i})", "math.min({i}, {n})", "math.floor({f})", "math.ceil({f})", "tonumber({D}, {B})",
    "utf8.codepoint({u}, {k})", "utf8.offset({u}, {k})", "string.unpack('<i4', {s} .. 'abcd')", "rawlen({t})", "({t})[{k}]", "math.fmod({i}, {k})",
    "({i} // {i} | {i} & {i} << {k})", "tonumber({D})", "select({k}, {i}, {i}, {i})", "rawget({t}, {k})", "table.unpack({t}, {k})",
    "tonumber(tostring({i}))", "(math.modf({i}))", "#table.pack({t})", "string.len({s})", "({i} >> {k} << {k} >> {k})", "math.tointeger({D})",
    "#({s} .. {n})", "select(-1, {i}, {i})", "load('return ' .. {i})()", "(function(...) return select('#', ...) end)({v}, {v}, {v})",
];

#[rustfmt::skip]
pub const FLOATS: &[&str] = &[
    "({f} + {n})", "({n} - {f})", "({f} * {f})", "({i} / {i})", "({f} // {n})", "({n} % {f})", "(- {f})", "math.sqrt({f})", "math.fmod({f}, {e})",
    "near({k} ^ {k})", "near({k} ^ - {k})", "(2 ^ {k})", "near({n} ^ {f})", "near(math.sin({n}))", "near(math.exp({f}))", "near(math.log({n}, {k}))", "near(math.atan({f}, {n}))",
    "math.abs({f})", "math.max({f}, {n})", "(select(2, math.modf({f})))", "tonumber({N})", "({b} and {f} or {n})", "({i} + 0.0)", "math.huge * {k}",
    "tonumber(({g}):format({f}))", "string.unpack('<d', string.pack('<d', {f}))", "string.unpack('>f', string.pack('>f', {f}))", "({N} * {n})", "- {f} ^ 2",
    "({i} + {f} / {i})", "near(math.log({f}))", "near(math.cos({i}))", "(math.modf({f}))", "({f} // 1)", "({f} % 1)", "({N} + {N})", "near(math.tan({f}))",
    "near(math.asin({f}))", "near(math.acos({f}))", "near(math.log({f}, 2))", "near(math.log({f}, 10))", "math.deg({k})", "math.rad({k})",
    "math.ldexp and math.ldexp({f}, {k}) or {f}", "math.frexp and (math.frexp({f})) or {f}", "math.pow and near(math.pow({f}, {k})) or {f}",
    "math.cosh and near(math.cosh({f})) or 1.5", "math.log10 and near(math.log10({f})) or 1.5",
];

#[rustfmt::skip]
pub const STRINGS: &[&str] = &[
    "({s} .. {s})", "({s} .. {n})", "({n} .. {n})", "cut({s}):rep({k})", "cut({s}):rep({k}, {s})", "({s}):sub({k}, {i})", "({s}):sub({i})", "({s}):upper()", "({s}):lower()",
    "({s}):reverse()", "string.char({k} + 60, 97)", "tostring({S})", "tostring({n})", "type({v})", "math.type({n})", "table.concat({t}, {s})",
    "table.concat({t}, {s}, {k}, {k})", "{q}", "{q}", "{q}", "(cut({s}):gsub({p}, {r}))", "(cut({s}):gsub({p}, {r}, {k}))", "cut({s}):match({p})", "cut({s}):match({p}, {k})", "utf8.char({c}, {c})",
    "os.date({d}, {e})", "({b} and {s} or {s})", "string.char(({s}):byte(1, -1))", "{s} .. {i} .. {f}", "({s}):sub({k}, - {k})", "string.format('%q', {S})",
    "string.char({i} % 256, {i} & 255)", "select(2, pcall(error, {S}))", "type(select(2, pcall({F}, {v})))", "string.format('%s|%10s|%-10s|', {S}, {s}, {s})",
    "select(2, load({L}))", "string.format('%.3s%c', {s}, {k} + 65)", "cut(({s}):gsub('', '.'))", "utf8.char({c}):gsub(utf8.charpattern, '[%0]')",
    "utf8.char({c}, {c}, {c}):sub({k}, - {k})",
];

#[rustfmt::skip]
pub const BOOLEANS: &[&str] = &[
    "({i} < {i})", "({n} <= {n})", "({n} > {n})", "({s} < {s})", "({s} >= {s})", "({v} == {v})", "({n} ~= {n})", "({n} == {n})", "(not {v})", "rawequal({v}, {v})", "math.ult({i}, {i})",
    "({b} and {b})", "({b} or {b})", "(next({t}) == nil)", "({S} < {S})", "not {b} == {b}", "({i} < {f})", "({i} == {f})", "({f} <= {i})", "(type({v}) == 'number')",
    "({s} == {s})", "({i} <= {i} + 0.5)", "({f} < {f})", "(pcall({F}, {S}))",
];

#[rustfmt::skip]
pub const TABLES: &[&str] = &[
    "{{i}, {i}, {i}}", "{{s}, {s}}", "{{n}, {n}, {n}, {n}}", "{{S}, {S}, x = {S}}", "table.pack({S}, {S}, {S})", "{({s}):byte(1, 5)}", "table.move({t}, {k}, {k}, {k})",
    "table.move({t}, {k}, {k}, {k}, {t})", "{table.unpack({t})}", "{[{i}] = {S}, [{f}] = {S}}", "{x = {S}, y = {S}, [{s}] = {i}, {S}}", "(function(...) return {...} end)({S}, {S})", "{cut({s}):find({p})}",
    "{cut({s}):match({p})}", "{utf8.codepoint({u}, 1, -1)}", "{n1, n2, [1] = {S}, [2.0] = {S}}", "{table.unpack({t}, {k}, {k})}", "os.date('!*t', {e})", "{string.byte({s}, {k}, {i})}",
    "{math.modf({n})}", "{pcall({F}, {S})}", "{select({k}, {S}, {S}, {S})}", "setmetatable({{i}, {i}}, {__index = {t}})", "{{s}, {n}, {b}, [{k}] = {S}}",
];

#[rustfmt::skip]
pub const FUNCTIONS: &[&str] = &[
    "function(a, b) return {i} end", "function(a, b) return a end", "function(a, b) return a, b end", "function(...) return ... end", "function(...) return select('#', ...), ... end", "function(a) return a + {i} end", "function(a) return a .. {s} end",
    "function(a, b) return a < b end", "function(a) error({S}) end", "function(a) error({S}, {k}) end", "function(a) return a.x.y end", "math.abs", "string.upper", "type", "rawequal", "function(a) return #a end",
    "function(a, b) return (b or 1) // (a or 1) end", "function(a) return {S} end", "string.len", "math.floor", "function(a) return - a end", "function(a) return a and {S} end", "error", "assert",
    "function(a) return a[1] end", "function(a) return (a()) end", "coroutine.wrap(function(a) while true do a = coroutine.yield(a) end end)", "select", "function(a) local t <close> = {S} return a end",
];

/// Whole statements. `$` is a name that is new in each use.
pub const STATEMENTS: &[&str] = &[
    include_str!("statements/coroutines.lua"),
    include_str!("statements/metatables.lua"),
    include_str!("statements/errors.lua"),
    include_str!("statements/tables.lua"),
    include_str!("statements/strings.lua"),
    include_str!("statements/control.lua"),
    include_str!("statements/systems.lua"),
];

/// How a program ends that returns.
pub const RETURNS: &str = include_str!("statements/returns.lua");

/// How a program ends with an error that nothing catches.
pub const ENDS: &str = include_str!("statements/ends.lua");
