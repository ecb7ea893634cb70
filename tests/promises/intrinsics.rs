//! Functions of the libraries that the interpreter does itself (`src/lua/intrinsics.h`): nobody can tell, but by the clock.

use crate::loops::finish;
use moonlet_tests::{Lua, Version, option};

/// Calls of which some are the interpreter's and others are left to the C function, or are errors.
const CALLS: &str = "
    s:byte()  s:byte(1)  s:byte(4)  s:byte(5)  s:byte(0)  s:byte(-1)  s:byte(-4)  s:byte(-5)  s:byte(1 << 32 | 1)  s:byte(math.mininteger)
    s:byte(math.maxinteger)  s:byte('2')  s:byte(2.0)  s:byte(1, 1)  s:byte(1, 2)  s:byte({})  (''):byte()  (''):byte(1)  long:byte(99)
    string.byte()  string.byte(12)  string.byte(nil, 1)
    s:sub(1, 1)  s:sub(4, 4)  s:sub(5, 5)  s:sub(0, 0)  s:sub(-1, -1)  s:sub(-4, -4)  s:sub(-5, -5)  s:sub(2, 3)  s:sub(2)  s:sub('2', 2)  s:sub(2.0, 2)
    s:sub(math.mininteger, math.mininteger)  s:sub(math.maxinteger, math.maxinteger)  s:sub(1, 1, 1)  long:sub(99, 99)  odd:sub(2, 2)  s:sub()  string.sub(12, 1, 1)
    string.char(65)  string.char(0)  string.char(255)  string.char(201)  string.char(256)  string.char(-1)  string.char('65')  string.char(65.0)  string.char()  string.char(65, 66)
    math.floor(2.5)  math.floor(-2.5)  math.floor(-0.0)  math.floor(7)  math.floor(2^53)  math.floor(2^61)  math.floor(2^62)  math.floor(-2^62)  math.floor(2^63)
    math.floor(-2^63)  math.floor(1e300)  math.floor(1/0)  math.floor(-1/0)  math.floor(0/0)  math.floor('2.5')  math.floor(2.5, 1)  math.floor()  math.floor({})
    math.sqrt(2.25)  math.sqrt(4)  math.sqrt(-1.0) ~= 0  math.sqrt(-0.0)  math.sqrt('4')  math.sqrt()  math.sqrt(2.25, 1)
    math.abs(-3)  math.abs(3)  math.abs(math.mininteger)  math.abs(-2.5)  math.abs(-0.0)  math.abs(-1/0)  math.abs('-3')  math.abs()  math.abs(-3, 1)
    math.max(1, 2)  math.max(2, 1)  math.max(1.5, 2.5)  math.max(2.5, 1.5)  math.max(1, 2.5)  math.max(2, 2)  math.max(-0.0, 0.0)  math.max(0.0, -0.0)  math.max(0/0, 1.0) ~= 1
    math.max(1.0, 0/0)  math.max('1', '2')  math.max(1)  math.max(1, 2, 3)  math.max()
    math.min(1, 2)  math.min(2, 1)  math.min(1.5, 2.5)  math.min(2.5, 1.5)  math.min(1, 2.5)  math.min(-0.0, 0.0)  math.min(0.0, -0.0)  math.min(1.0, 0/0)  math.min()  math.min(1, {})
    type(nil)  type(true)  type(1)  type(1.5)  type(s)  type({})  type(print)  type(type)  type(io.stdout)  type(thread)  type(1, 2)  type()
    select('#')  select('#', nil)  select('#', 1, 2, 3)  select('#x', 1)  select('x', 1)  select(1, 5)  select(1, 5, 6)  select(2, 5, 6)  select(2, 5)  select(3, 5)  select(-1, 5, 6)
    select(-3, 5)  select(0, 5)  select('1', 5)  select(1.0, 5)  select(math.mininteger, 5)  select(math.maxinteger, 5)  select()
    assert(1)  assert(s, 2)  assert(1, 2, 3)  assert(false)  assert(nil, 'said')  assert(false, {})  assert()
    getmetatable(setmetatable({}, plain)) == plain  setmetatable({}, plain)  setmetatable({}, nil)  setmetatable({}, closing)  setmetatable({}, {})  setmetatable({})
    setmetatable(setmetatable({}, plain), closing)  setmetatable(setmetatable({}, {__metatable = 1}), plain)  setmetatable(1, plain)  setmetatable({}, plain, 1)  setmetatable({}, weak)";

/// Makes functions of the calls, in each place where a call can stand, and says what each comes to, and what it costs.
const REPORT: &str = "
    collectgarbage('stop')
    s, long, odd = 'abcd', ('x'):rep(100), 'a\\203'
    thread = coroutine.create(print)
    plain, closing, weak = {__index = {}}, {__gc = function() end}, {__mode = 'k'}
    setmetatable({}, plain)
    function told(...)
      local texts = table.pack(...)
      for i = 1, texts.n do
        local value = texts[i]
        texts[i] = type(value) == 'table' and 'table of ' .. tostring(getmetatable(value) == plain) or math.type(value) and ('%s %q'):format(math.type(value), value) or tostring(value)
      end
      return table.concat(texts, ', ', 1, texts.n)
    end
    local lines = {}
    local function try(call, source)
      local f = assert(load(source:gsub('CALL', function() return call end)))
      for time = 1, 2 do -- of strings that are there the second time
        local before = host.budget()
        local values = table.pack(pcall(f, 1, 2, 3))
        lines[#lines + 1] = ('%s of %s: %s for %d'):format(call, source, told(table.unpack(values, 1, values.n)), before - host.budget())
      end
    end
    for call in calls:gmatch('%s*(.-)  ') do
      local called = call:match('^(.*%)) [~=]') or call
      try(call, 'return CALL')
      try(call, 'local a = CALL return a')
      try(call, 'local a, b = CALL return a, b')
      try(call, 'local function f() return CALL end return f()')
      try(call, 'return told(CALL)')
      try(called, 'CALL')
      try(called, 'local u = 0 kept = function() return u end return CALL')
      try(called, 'local function f() local u <close> = nil return CALL end return f()')
      try(call, 'for i = 1, 3 do local a = CALL if i == 3 then return a end end')
    end
    return table.concat(lines, '\\n')";

fn calls() -> impl Iterator<Item = &'static str> {
    CALLS.split("  ").map(str::trim).filter(|call| !call.is_empty())
}

fn report(version: Version, slice: f64) -> String {
    let mut lua = Lua::new(version);
    lua.set(option::FUEL, 1e9);
    lua.eval(format!("calls = [==[{}  ]==]", calls().collect::<Vec<_>>().join("  ")));
    lua.set(option::SLICE, slice);
    let run = lua.run(REPORT);
    let (run, _) = finish(&mut lua, run);
    run.text()
}

for_each_version! {
    fn intrinsics_are_and_cost_what_the_functions_are_and_cost(version: Version) {
        // With as little as this to go on there are no intrinsics.
        let functions = report(version, 1.0);
        assert_eq!(functions.lines().count(), 9 * 2 * calls().count());
        for slice in [0.0, 7.0, 50.0, 500.0] {
            let both = report(version, slice);
            let differ: Vec<_> = both.lines().zip(functions.lines()).filter(|(one, other)| one != other).take(20).collect();
            assert!(differ.is_empty(), "slices of {slice}: {differ:#?}");
        }
    }
}
