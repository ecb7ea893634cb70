//! Sequences of calls of the exports, with every answer held against the model.
//!
//! A sequence is bytes, eight for each call, whether a seed made them or a fuzzer; what they stand for depends on the
//! instance at that moment, so that they hit its buffers and boundaries. A new export needs a variant of [`Call`], an arm of
//! `Instance::decode` that picks its arguments, and an arm of `Instance::perform` that makes the call and asks the model.

use std::collections::BTreeMap;

use wasmtime::{TypedFunc, WasmParams, WasmResults};

use crate::model::Model;
use crate::scripts::SCRIPTS;
use crate::values::Value;
use crate::{Lua, Random, Version, option, snapshot, status};

/// Bytes that stand for one call.
pub const RECORD: usize = 8;

/// The engine gives an instance no more pages of 64 KiB.
const PAGES: usize = 16;

/// With less than this free, anything but the smallest step may find memory out.
const ROOM: f64 = 256.0 * 1024.0;

/// Beyond the option MEMORY, for the host's own steps.
const RESERVE: f64 = 32.0 * 1024.0;

/// One call of an export, or a step that a host makes of several.
#[derive(Clone, Debug)]
enum Call {
    Alloc {
        len: u32,
    },
    Dealloc {
        ptr: u32,
        len: u32,
    },
    /// The script is put into a buffer, run, and the buffer given back.
    Run {
        script: usize,
    },
    Compute {
        ptr: u32,
        len: u32,
    },
    /// Data of the host, a path or a handle first.
    Function {
        data: Data,
    },
    /// Data of the host, a source first.
    Eval {
        data: Data,
    },
    Resume {
        task: i32,
        data: Data,
    },
    Raise {
        task: i32,
        data: Data,
    },
    Cancel {
        task: i32,
    },
    Release {
        data: Data,
    },
    Tasks,
    Request {
        task: i32,
    },
    Compact,
    Dropped,
    WriteFile {
        name: (u32, u32),
        contents: (u32, u32),
    },
    ReadFile {
        name: (u32, u32),
    },
    RemoveFile {
        name: (u32, u32),
    },
    ListFiles,
    WriteInput {
        bytes: (u32, u32),
    },
    /// One of [`ZONES`], put into a buffer for the call.
    TimeZone {
        zone: usize,
    },
    /// Whatever lies there, which is no zone.
    NoTimeZone {
        text: (u32, u32),
    },
    Set {
        key: u32,
        value: f64,
    },
    Get {
        key: u32,
    },
    OutputClear,
    ErrorOutputClear,
    Reset,
    /// The instance, as it is stored, is brought into a fresh one or, after more calls, into itself again.
    Restore {
        fresh: bool,
    },
}

/// TZ strings, with the minutes of their standard time and how `%z` shows the start of 1970.
pub const ZONES: [(&str, f64, &str); 5] = [
    ("UTC0", 0.0, "+0000"),
    ("CET-1CEST,M3.5.0,M10.5.0/3", 60.0, "+0100"),
    ("NST3:30NDT", -210.0, "-0330"),
    ("AEST-10AEDT,M10.1.0,M4.1.0/3", 600.0, "+1100"),
    ("<+0545>-5:45", 345.0, "+0545"),
];

/// What a run export is given beside a task.
#[derive(Clone, Debug)]
enum Data {
    /// Put into a buffer for the call.
    Bytes(Vec<u8>, Meaning),
    /// Whatever lies there.
    Region((u32, u32)),
}

/// What data stands for.
#[derive(Clone, Debug)]
enum Meaning {
    Malformed,
    Values(Vec<Value>),
    /// One of [`FUNCTIONS`].
    Path(usize),
    Handle(u32),
    /// One of [`SCRIPTS`], with or without a name.
    Source(usize),
    /// A list for `release`.
    Handles(Vec<u32>),
}

/// What sequences did, so that nobody takes a run for a test that tested nothing.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub sequences: u64,
    pub calls: BTreeMap<&'static str, u64>,
    /// Ends of runs, by status.
    pub runs: BTreeMap<i32, u64>,
    /// Calls that a status refused, and `alloc`s that gave nothing.
    pub refused: u64,
}

impl Counts {
    /// Adds what others counted.
    pub fn add(&mut self, other: &Counts) {
        self.sequences += other.sequences;
        self.refused += other.refused;
        for (name, count) in &other.calls {
            *self.calls.entry(name).or_default() += count;
        }
        for (status, count) in &other.runs {
            *self.runs.entry(*status).or_default() += count;
        }
    }

    /// All calls.
    pub fn total(&self) -> u64 {
        self.calls.values().sum()
    }
}

/// What went wrong, or nothing.
type Check<T = ()> = Result<T, String>;

macro_rules! hold {
    ($condition:expr, $($message:tt)+) => {
        let holds: bool = $condition;
        if !holds {
            return Err(format!($($message)+));
        }
    };
}

mod checks;
mod draw;
mod memory;
mod runs;
mod tasks;

/// An instance and what the model says of it.
struct Instance {
    lua: Lua,
    /// The export called most, so that it is not looked up each time.
    get: TypedFunc<u32, f64>,
    version: Version,
    model: Model,
    /// The buffer given back last.
    gone: (u32, u32),
    peak: f64,
    /// Where the build's name was found first.
    build: Option<u32>,
    counts: Counts,
    /// The calls so far, for the report.
    trace: Vec<Call>,
}

/// Makes the calls that `bytes` stand for; the error says which calls led where, and what the model wanted.
pub fn check(version: Version, bytes: &[u8]) -> Result<Counts, String> {
    let mut instance = Instance::new(version);
    let result = instance.all(bytes);
    result.map(|()| instance.counts).map_err(|problem| {
        let trace: String = instance.trace.iter().map(|call| format!("{call:?}\n")).collect();
        format!("{version:?}\n{trace}-> {problem}")
    })
}

/// The bytes of a seed's sequence.
pub fn bytes(seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let calls = 1 + random.below(40) as usize;
    (0..calls * RECORD).map(|_| random.below(256) as u8).collect()
}

/// A part of the sequence, as short as it gets, that still fails; and how it does.
pub fn shrink(version: Version, mut bytes: Vec<u8>) -> String {
    let mut report = check(version, &bytes).expect_err("a sequence that fails");
    let mut start = 0;
    while start < bytes.len() {
        let mut shorter = bytes.clone();
        shorter.drain(start..(start + RECORD).min(bytes.len()));
        match check(version, &shorter) {
            Err(problem) => (bytes, report, start) = (shorter, problem, 0),
            Ok(_) => start += RECORD,
        }
    }
    report
}

/// A fresh instance, and its export `get`.
fn fresh(version: Version) -> (Lua, TypedFunc<u32, f64>) {
    let mut lua = Lua::with_pages(version, PAGES);
    let get = lua.instance.get_typed_func(&mut lua.store, "get").expect("an export of that signature");
    (lua, get)
}

impl Instance {
    fn new(version: Version) -> Self {
        let (lua, get) = fresh(version);
        let model = Model::new(version);
        Self {
            lua,
            get,
            version,
            model,
            gone: (16, 1),
            peak: 0.0,
            build: None,
            counts: Counts::default(),
            trace: Vec::new(),
        }
    }

    fn all(&mut self, bytes: &[u8]) -> Check {
        self.counts.sequences = 1;
        for record in bytes.chunks_exact(RECORD) {
            let call = self.decode(record.try_into().expect("eight bytes"));
            self.step(&call)?;
        }
        self.finish()
    }

    fn step(&mut self, call: &Call) -> Check {
        self.trace.push(call.clone());
        let before = self.used()?;
        let fuel = self.get(option::FUEL_USED)?;
        self.perform(call, before)?;
        if matches!(
            call,
            Call::Alloc { .. }
                | Call::Dealloc { .. }
                | Call::WriteFile { .. }
                | Call::ReadFile { .. }
                | Call::RemoveFile { .. }
                | Call::ListFiles
                | Call::WriteInput { .. }
                | Call::TimeZone { .. }
                | Call::NoTimeZone { .. }
                | Call::Set { .. }
                | Call::Get { .. }
                | Call::OutputClear
                | Call::ErrorOutputClear
                | Call::Release { .. }
                | Call::Tasks
                | Call::Request { .. }
                | Call::Compact
                | Call::Dropped
                | Call::Restore { .. }
        ) {
            let now = self.get(option::FUEL_USED)?;
            hold!(fuel == now, "FUEL_USED goes from {fuel} to {now}");
        }
        self.compare(before)
    }

    /// Calls an export, which must not trap.
    fn call<P: WasmParams, R: WasmResults>(&mut self, name: &'static str, arguments: P) -> Check<R> {
        *self.counts.calls.entry(name).or_default() += 1;
        self.lua.try_call(name, arguments).map_err(|trap| format!("{name} trapped: {trap}"))
    }

    fn get(&mut self, key: u32) -> Check<f64> {
        *self.counts.calls.entry("get").or_default() += 1;
        self.get.call(&mut self.lua.store, key).map_err(|error| format!("get trapped: {error}"))
    }

    fn used(&mut self) -> Check<f64> {
        self.get(option::MEMORY_USED)
    }

    fn size(&self) -> u32 {
        self.lua.memory.data_size(&self.lua.store) as u32
    }

    /// The contract's "lies within memory".
    fn readable(&self, (ptr, len): (u32, u32)) -> bool {
        let ends = u64::from(ptr) + u64::from(len);
        if len == 0 { ends < 1 << 32 } else { ptr != 0 && ends <= u64::from(self.size()) }
    }

    /// Bytes of memory, which must be there.
    fn bytes(&self, (ptr, len): (u32, u32)) -> Check<&[u8]> {
        let memory = self.lua.memory.data(&self.lua.store);
        let bytes = memory.get(ptr as usize..ptr as usize + len as usize);
        bytes.ok_or_else(|| format!("{len} bytes at {ptr:#x} lie outside memory"))
    }

    /// Whether memory may be out for all but the smallest step.
    fn tight(&self, used: f64) -> bool {
        let pages = self.model.limit(option::PAGES).min(PAGES as f64);
        used + ROOM > self.model.memory_limit().min(pages * 32_768.0)
    }

    /// Makes the call and holds its answer against the model; `used` is what the account said before.
    fn perform(&mut self, call: &Call, used: f64) -> Check {
        match *call {
            Call::Alloc { len } => self.alloc(len, used),
            Call::Dealloc { ptr, len } => self.dealloc((ptr, len), used),
            Call::Run { script } => self.run(&SCRIPTS[script], used),
            Call::Compute { ptr, len } => self.compute((ptr, len)),
            Call::Function { ref data } => self.run_data("call", data, used),
            Call::Eval { ref data } => self.run_data("eval", data, used),
            Call::Resume { task, ref data } => self.go_on(task, data, false, used),
            Call::Raise { task, ref data } => self.go_on(task, data, true, used),
            Call::Cancel { task } => self.cancel(task, used),
            Call::Release { ref data } => self.release(data, used),
            Call::Tasks => self.tasks(used),
            Call::Request { task } => self.request(task),
            Call::Compact => {
                let alive: f64 = self.call("compact", ())?;
                let used = self.used()?;
                hold!(alive == used, "compact answers {alive}, with {used} in use");
                Ok(())
            }
            Call::Dropped => self.dropped(used),
            Call::WriteFile { name, contents } => self.write_file(name, contents, used),
            Call::ReadFile { name } => self.read_file(name, used),
            Call::RemoveFile { name } => self.remove_file(name, used),
            Call::ListFiles => self.list_files(used),
            Call::WriteInput { bytes } => self.write_input(bytes, used),
            Call::TimeZone { zone } => self.time_zone(zone, used),
            Call::NoTimeZone { text } => self.no_time_zone(text),
            Call::Set { key, value } => {
                let answer: i32 = self.call("set", (key, value))?;
                let expected = self.model.set(key, value);
                self.counts.refused += u64::from(answer != status::OK);
                hold!(answer == expected, "set answers {answer} instead of {expected}");
                Ok(())
            }
            Call::Get { key } => {
                let answer = self.get(key)?;
                let expected = self.model.get(key);
                let figure = [option::MEMORY_USED, option::MEMORY_PEAK, option::FUEL_USED].contains(&key);
                let right = figure || answer == expected || answer.is_nan() && expected.is_nan();
                hold!(right, "get answers {answer} instead of {expected}");
                Ok(())
            }
            Call::OutputClear => {
                self.model.output.clear();
                self.succeed("output_clear")
            }
            Call::ErrorOutputClear => {
                self.model.errors.clear();
                self.succeed("error_output_clear")
            }
            Call::Reset => {
                self.model.reset();
                self.succeed("reset")
            }
            Call::Restore { fresh: is_fresh } => {
                let stored = snapshot::save(&mut self.lua).map_err(|error| error.to_string())?;
                if is_fresh {
                    (self.lua, self.get) = fresh(self.version);
                } else {
                    // Whatever may come of it.
                    self.call::<_, u32>("alloc", 0x2_0000)?;
                    self.call::<_, i32>("compute", (16, 4096))?;
                    self.call::<_, i32>("reset", ())?;
                    self.call::<_, f64>("compact", ())?;
                }
                snapshot::restore(&mut self.lua, &stored).map_err(|error| error.to_string())
            }
        }
    }

    fn succeed(&mut self, name: &'static str) -> Check {
        let answer: i32 = self.call(name, ())?;
        hold!(answer == status::OK, "{name} answers {answer}");
        Ok(())
    }

    /// Whether there is a state, by the option that can be set only before.
    fn set_is_late(&mut self) -> Check<bool> {
        let libraries = self.model.get(option::LIBRARIES);
        Ok(self.call::<_, i32>("set", (option::LIBRARIES, libraries))? == status::BAD_STATE)
    }

    /// Bytes of memory; none for an empty region, wherever it lies.
    fn bytes_or_none(&self, region: (u32, u32)) -> Check<&[u8]> {
        if region.1 == 0 { Ok(&[]) } else { self.bytes(region) }
    }
}
