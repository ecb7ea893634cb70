//! The same calls leave the same memory on every engine: after each of many steps all of linear memory has one hash on
//! wasmtime and on Node.
//!
//! `make determinism` takes 100,000 steps for each version, `make test` 2,000.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use moonlet_tests::{Lua, Random, Version, option, status};
use wasmtime::{Instance, Module, TypedFunc};

const STEPS: u64 = 2000;

/// What a host does to an instance.
enum Step {
    Compute(String),
    WriteFile(&'static str, Vec<u8>),
    ReadFile(&'static str),
    Set(u32, f64),
    Reset,
    OutputClear,
}

/// Scripts of which each is one step; `$` is a number.
#[rustfmt::skip]
const SCRIPTS: &[&str] = &[
    "total = (total or 0) + $ return total",
    "local t = {} for i = 1, $ do t[i] = i * 1.5 end kept = t return #t",
    "return kept and table.concat(kept, ' ') or $",
    "local words = {} for w in ('the quick brown fox '):rep($ % 20):gmatch('%a+') do words[w] = (words[w] or 0) + 1 end return words.fox",
    "names = names or {} names['name' .. $] = {$, tostring($)} return next(names)",
    "return 0/0, -(0/0), $ / 0, math.sqrt(-$), math.huge - math.huge, 0 * math.huge, math.fmod($, 0.0)",
    "nans = nans or {} nans[#nans % 10 + 1] = 0/0 * $ return nans[1] ~= nans[1], math.max(0/0, $), math.abs(-(0/0))",
    "return math.sin($), math.cos($), math.exp($ / 10), math.log($), $ ^ 0.3, math.atan($, 3), math.tan($)",
    "return ('%5.2f %g %a %q'):format($ / 3, $ / 7, $ / 11, $ / 13)",
    "return string.pack('d f n', $ / 3, 0/0, -(0/0)):byte(1, -1)",
    "local co = coroutine.wrap(function(a) for i = 1, $ do a = coroutine.yield(a + i) end return a end) return co(1), co(2)",
    "saved = saved or coroutine.create(function() local n = 0 while true do n = n + coroutine.yield(n) end end) return coroutine.resume(saved, $)",
    "for i = 1, $ do setmetatable({}, {__gc = function() dead = (dead or 0) + 1 end}) end collectgarbage() return dead",
    "error({code = $})",
    "error('failed ' .. $)",
    "return pcall(error, setmetatable({}, {__tostring = function() return 'text ' .. $ end}))",
    "local function deep(n) return n == 0 and 0 or 1 + deep(n - 1) end return deep($)",
    "return pcall(string.rep, 'x', 1 << 40), pcall(load, 'x = = $')",
    "return = $",
    "print($, 'line of output', $ / 7) io.write(('x'):rep($))",
    "math.randomseed($) return math.random(), math.random(1000)",
    "return math.random(), math.random($ + 1)",
    "return os.date('!%c', $ * 100000), os.time{year = 2000 + $, month = 2, day = 29}, os.clock()",
    "local f = assert(io.open('log' .. $ % 3, 'a')) f:write($, ' ', $ / 3, '\\n') f:close() local n = 0 for l in io.lines('log' .. $ % 3) do n = n + 1 end return n",
    "for i = 0, 2 do os.remove('log' .. i) end",
    "local ok, m = pcall(require, 'module') return ok and m.value or m",
    "package.loaded.module = nil return package.loaded.string == string",
    "table.sort(kept or {}, function(a, b) return a > b end) return kept and kept[1]",
    "local t = setmetatable({}, {__mode = 'k'}) for i = 1, $ do t[{}] = i end collectgarbage('step') return $",
    "collectgarbage('generational') local t = {} for i = 1, 200 do t[i % 10] = {i} end collectgarbage('incremental')",
    "return tostring(print):sub(1, 8), #tostring({}), tostring({}) == tostring({})",
    "os.exit($ % 256)",
    "return utf8.char(228, 8364, $ + 1000), utf8.len('äöü€')",
    "return load('return ' .. ('1 + '):rep($) .. '1')()",
    "local p = {} for k in pairs(names or {}) do p[#p + 1] = k end return table.concat(p, ',')",
    "return string.dump(function(a) return a + $ end):byte(1, -1)",
    "local x <close> = setmetatable({}, {__close = function() closed = $ end}) return closed",
    "total, kept, names, nans, saved, dead = nil collectgarbage() return collectgarbage('count')",
];

fn step(random: &mut Random) -> Step {
    let number = random.below(60) + 1;
    match random.below(100) {
        0..=85 => Step::Compute(random.pick(SCRIPTS).replace('$', &number.to_string())),
        86..=88 => {
            Step::WriteFile("module.lua", format!("return {{value = {number}, name = ...}}").into_bytes())
        }
        89 => Step::WriteFile("/dev/stdin", b"line\n".repeat(number as usize)),
        90 => Step::ReadFile(random.pick::<&'static str>(&["log0", "log1", "module.lua", "missing"])),
        91..=94 => {
            let (key, value) = *random.pick(&[
                (option::CLOCK, 1.7e9),
                (option::MONOTONIC, 2.5),
                (option::TIME_ZONE, -90.0),
                (option::MEMORY, 300_000.0),
                (option::MEMORY, 0.0),
                (option::OUTPUT, 5000.0),
                (option::RESULT, 200.0),
                (option::RESULT, 0.0),
                (option::SEED_LOW, 12345.0),
                (option::FINALIZERS, 0.0),
                (option::FINALIZERS, 1.0),
                (99, 1.0),
            ]);
            Step::Set(key, value)
        }
        95..=96 => Step::Reset,
        _ => Step::OutputClear,
    }
}

impl Step {
    /// In the form that run.mjs reads.
    fn encode(&self, file: &mut Vec<u8>) {
        let mut put = |kind: u8, parts: &[&[u8]]| {
            file.push(kind);
            for part in parts {
                file.extend_from_slice(&(part.len() as u32).to_le_bytes());
                file.extend_from_slice(part);
            }
        };
        match self {
            Self::Compute(source) => put(0, &[source.as_bytes()]),
            Self::WriteFile(name, contents) => put(1, &[name.as_bytes(), contents]),
            Self::ReadFile(name) => put(2, &[name.as_bytes()]),
            Self::Set(key, value) => {
                put(3, &[]);
                file.extend_from_slice(&key.to_le_bytes());
                file.extend_from_slice(&value.to_le_bytes());
            }
            Self::Reset => put(4, &[]),
            Self::OutputClear => put(5, &[]),
        }
    }

    fn run(&self, lua: &mut Lua) -> i32 {
        match self {
            Self::Compute(source) => {
                let buffer = lua.put(source.as_bytes());
                let answer = lua.call("compute", buffer);
                lua.take(buffer);
                answer
            }
            Self::WriteFile(name, contents) => lua.write_file(name, contents),
            Self::ReadFile(name) => {
                let buffer = lua.put(name.as_bytes());
                let answer = lua.call("read_file", buffer);
                lua.take(buffer);
                answer
            }
            Self::Set(key, value) => lua.set(*key, *value),
            Self::Reset => lua.call("reset", ()),
            Self::OutputClear => lua.call("output_clear", ()),
        }
    }
}

/// tests/determinism/hash.wat, on the memory of an instance.
struct Hash {
    hash: TypedFunc<(), i32>,
    high: TypedFunc<(), i32>,
}

impl Hash {
    fn of(lua: &mut Lua, wasm: &[u8]) -> Self {
        let module = Module::new(lua.store.engine(), wasm).expect("a valid module");
        let instance = Instance::new(&mut lua.store, &module, &[lua.memory.into()]).expect("one import");
        let mut function = |name| instance.get_typed_func(&mut lua.store, name).expect("an export");
        Self { hash: function("hash"), high: function("high") }
    }

    fn take(&self, lua: &mut Lua) -> [i32; 2] {
        [&self.hash, &self.high].map(|function| function.call(&mut lua.store, ()).expect("no trap"))
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Does the same steps on Node; for each the answer and two halves of the hash.
fn on_node(version: Version, wasm: &[u8], steps: &[u8]) -> Vec<[i32; 3]> {
    let work = folder("../target/determinism").join(version.name());
    fs::create_dir_all(&work).expect("a folder");
    let [hash, file, answers] = ["hash.wasm", "steps", "answers"].map(|name| work.join(name));
    fs::write(&hash, wasm).expect("a writable file");
    fs::write(&file, steps).expect("a writable file");
    let node = std::env::var_os("MOONLET_NODE").unwrap_or_else(|| "node".into());
    let run = Command::new(&node)
        .arg(folder("determinism/run.mjs"))
        .args([&version.path(), &hash, &file, &answers])
        .status()
        .unwrap_or_else(|error| panic!("{}: {error}", node.display()));
    assert!(run.success(), "{version:?} on Node: {run}");
    let answers = fs::read(answers).expect("the answers");
    answers
        .chunks_exact(12)
        .map(|step| [0, 4, 8].map(|at| i32::from_le_bytes(step[at..at + 4].try_into().expect("four bytes"))))
        .collect()
}

fn memory_is_equal(version: Version) {
    let count = std::env::var("STEPS").map_or(STEPS, |text| text.parse().expect("STEPS is a number"));
    let mut random = Random(11);
    let steps: Vec<Step> = (0..count).map(|_| step(&mut random)).collect();
    let mut file = Vec::new();
    for step in &steps {
        step.encode(&mut file);
    }
    let wasm = wat::parse_file(folder("determinism/hash.wat")).expect("valid text");
    let there = on_node(version, &wasm, &file);
    assert_eq!(there.len(), steps.len(), "Node did every step");

    let mut lua = Lua::new(version);
    let hash = Hash::of(&mut lua, &wasm);
    let mut hashes = std::collections::HashSet::new();
    let (mut finished, mut bytes) = (0, 0);
    for (number, (step, there)) in steps.iter().zip(there).enumerate() {
        let answer = step.run(&mut lua);
        let [low, high] = hash.take(&mut lua);
        let context = match step {
            Step::Compute(source) => source,
            _ => "a call that is no run",
        };
        assert_eq!([answer, low, high], there, "{version:?}, step {number}, here and on Node: {context}");
        hashes.insert((low, high));
        finished += u64::from(answer >= status::OK);
        bytes += lua.memory.data_size(&lua.store) as u64;
    }
    println!(
        "{version:?}: {count} steps, after each the same memory on wasmtime and Node: {} different hashes of {} GB, \
         {finished} steps ended without an error",
        hashes.len(),
        bytes / 1_000_000_000,
    );
    assert!(hashes.len() as u64 > count / 2, "steps change memory");
    assert!(finished > count / 2 && finished < count, "some steps fail, most do not");
}

#[test]
fn memory_is_equal_on_wasmtime_and_node_lua54() {
    memory_is_equal(Version::Lua54);
}

#[test]
fn memory_is_equal_on_wasmtime_and_node_lua55() {
    memory_is_equal(Version::Lua55);
}
