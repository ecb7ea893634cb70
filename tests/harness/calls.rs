//! Random calls of every function that a script can reach, with values of every type, made inside the instance by
//! `calls/driver.lua`: no call of an export traps, and after each batch `return 2+2` is 4.
//!
//! A session is bytes, whether a seed made them or a fuzzer: eight that the host's own choices follow from, then batches of
//! records of 16 bytes, each of which is one call. Batches are tasks, which the host suspends, answers, cancels and leaves waiting.

use std::collections::BTreeMap;

use crate::{Lua, Random, Run, Version, held_libraries, option, status};

const DRIVER: &str = include_str!("calls/driver.lua");

/// Bytes that stand for one call.
pub const RECORD: usize = 16;

/// Bytes before the batches.
pub const HEADER: usize = 8;

/// What breaks an instance before long, where all of `debug` is there.
const DANGEROUS: [&str; 8] = [
    "coroutine.wrap",
    "debug.setupvalue",
    "debug.setmetatable",
    "string.gmatch",
    "debug.upvaluejoin",
    "debug.setlocal",
    "a(b, c)",
    "for in",
];

/// Calls of a batch; the first record says which functions it prefers.
const BATCH: usize = 129;

/// What a seed's session has.
const BATCHES: usize = 16;

const MEMORY: f64 = 8_388_608.0;
/// What a fresh instance has without utf8, with which Lua's internal test library comes in, where the module holds it: its warnings
/// abort.
const WITHOUT_TESTS: f64 = 4095.0 - 512.0;

/// Bytes that a session may have beyond what the driver takes: few are soon used up.
const ROOM: [f64; 6] = [MEMORY, MEMORY, MEMORY, 1_000_000.0, 500_000.0, 100_000.0];

const FUEL: f64 = 600_000.0;

/// Beyond MEMORY, for the host's own steps.
const RESERVE: f64 = 65_536.0;

/// Tasks that may wait while others run.
const WAITING: usize = 4;

/// Resumptions of one batch, after which its tasks are cancelled: a script may call the host for ever.
const PATIENCE: usize = 3000;

/// A finalizer that an earlier batch left may take the fuel, or call os.exit.
const ATTEMPTS: usize = 20;

/// How often a function was called.
#[derive(Clone, Copy, Debug, Default)]
pub struct Called {
    pub failed: u64,
    pub succeeded: u64,
    /// As a metamethod, a callback, a hook or a finalizer, where the outcome does not show.
    pub indirectly: u64,
}

/// What sessions did, so that nobody takes a run for a test that tested nothing.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub calls: u64,
    pub by_function: BTreeMap<String, Called>,
    /// Ends of runs, by status.
    pub runs: BTreeMap<i32, u64>,
    /// Batches whose log the calls had ruined.
    pub lost: u64,
    pub batches: u64,
}

impl Counts {
    /// Adds what others counted.
    pub fn add(&mut self, other: &Counts) {
        self.calls += other.calls;
        self.lost += other.lost;
        self.batches += other.batches;
        for (name, called) in &other.by_function {
            let sum = self.by_function.entry(name.clone()).or_default();
            sum.failed += called.failed;
            sum.succeeded += called.succeeded;
            sum.indirectly += called.indirectly;
        }
        for (status, count) in &other.runs {
            *self.runs.entry(*status).or_default() += count;
        }
    }
}

/// A task that waits.
#[derive(Clone, Copy)]
struct Task {
    id: i32,
    kind: i32,
}

struct Session {
    lua: Lua,
    random: Random,
    /// MessagePack of the driver's functions.
    batch: Vec<u8>,
    report: Vec<u8>,
    names: Vec<String>,
    waiting: Vec<Task>,
    counts: Counts,
    /// What the host does, for the report of a trap.
    doing: String,
}

/// The bytes of a seed's session.
pub fn bytes(seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    (0..HEADER + BATCHES * BATCH * RECORD).map(|_| random.below(256) as u8).collect()
}

/// One session, with the libraries of a fresh instance, or with all and a preference for what is dangerous; what went wrong.
pub fn check(version: Version, bytes: &[u8], all_libraries: bool) -> Result<Counts, String> {
    let Some((header, records)) = bytes.split_at_checked(HEADER) else { return Ok(Counts::default()) };
    let mut session = Session::new(version, header, all_libraries)?;
    for batch in records.chunks(BATCH * RECORD) {
        if all_libraries {
            session.batch(&session.dangerous(batch))?;
        } else {
            session.batch(batch)?;
        }
    }
    session.reset()?;
    Ok(session.counts)
}

/// A part of the session, as short as it gets, that still fails; and how it does.
pub fn shrink(version: Version, mut bytes: Vec<u8>) -> String {
    let mut problem = check(version, &bytes, false).expect_err("a session that fails");
    let mut size = bytes.len() / RECORD;
    while size > 0 {
        let mut start = HEADER;
        while start < bytes.len() {
            let mut shorter = bytes.clone();
            shorter.drain(start..(start + size * RECORD).min(bytes.len()));
            match check(version, &shorter, false) {
                Err(other) => (bytes, problem) = (shorter, other),
                Ok(_) => start += size * RECORD,
            }
        }
        size /= 2;
    }
    format!("{version:?}: {problem}\nbytes: {bytes:?}")
}

/// A reader of the few forms of MessagePack that the driver answers.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, len: usize) -> Option<usize> {
        Some(self.take(len)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    fn array(&mut self) -> Option<usize> {
        match self.number(1)? {
            small @ 0x90..=0x9f => Some(small & 15),
            0xdc => self.number(2),
            _ => None,
        }
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let len = match self.number(1)? {
            small @ 0xa0..=0xbf => small & 31,
            0xc4 | 0xd9 => self.number(1)?,
            0xc5 | 0xda => self.number(2)?,
            _ => return None,
        };
        self.take(len)
    }
}

impl Session {
    fn new(version: Version, header: &[u8], all_libraries: bool) -> Result<Self, String> {
        let mut lua = Lua::new(version);
        if all_libraries {
            assert_eq!(lua.set(option::LIBRARIES, f64::from(held_libraries())), status::OK);
        } else if std::env::var_os("MOONLET_INTERNAL").is_some() {
            assert_eq!(lua.set(option::LIBRARIES, WITHOUT_TESTS), status::OK);
        }
        for (key, value) in [
            (option::FORMAT, 1.0),
            (option::OUTPUT, 4096.0),
            (option::RESULT, 65_536.0),
            (option::CLOCK, 1.7e9),
        ] {
            assert_eq!(lua.set(key, value), status::OK, "option {key}");
        }
        let run = lua.run(DRIVER);
        let mut answer = Reader(&run.result);
        let read = |answer: &mut Reader<'_>| {
            let values = answer.array()?;
            let (batch, report) = (answer.take(6)?, answer.take(6)?);
            let names: Option<Vec<String>> = (0..answer.array()?)
                .map(|_| Some(String::from_utf8_lossy(answer.string()?).into_owned()))
                .collect();
            (values == 3).then_some((batch.to_vec(), report.to_vec(), names?))
        };
        let (batch, report, names) =
            read(&mut answer).ok_or_else(|| format!("the driver fails: {}", run.text()))?;
        let seed = header.iter().fold(0, |seed, byte| seed << 8 | u64::from(*byte));
        let mut random = Random(seed);
        let memory = MEMORY.min(lua.get(option::MEMORY_USED) + *random.pick(&ROOM));
        lua.set(option::MEMORY, memory);
        lua.set(option::FUEL, FUEL);
        Ok(Self {
            lua,
            random,
            batch,
            report,
            names,
            waiting: Vec::new(),
            counts: Counts::default(),
            doing: String::new(),
        })
    }

    /// A batch that prefers [`DANGEROUS`] functions.
    fn dangerous(&self, batch: &[u8]) -> Vec<u8> {
        let numbers = DANGEROUS.iter().filter_map(|name| self.names.iter().position(|known| known == name));
        let theme = numbers.flat_map(|number| (number as u16).to_be_bytes());
        theme.chain(batch.iter().skip(RECORD).copied()).collect()
    }

    /// Calls a run export with a task and data; what it left, and whether it now waits.
    fn run(&mut self, export: &str, task: Option<i32>, data: &[u8]) -> Result<Run, String> {
        self.doing = format!("{export} {task:?}");
        let Some((ptr, len)) = self.lua.try_put(data) else {
            return Ok(Run { answer: -status::ERRMEM, result: Vec::new(), output: Vec::new() });
        };
        let answer = match task {
            None => self.lua.try_call::<_, i32>(export, (ptr, len)),
            Some(task) => self.lua.try_call(export, (task, ptr, len)),
        };
        let answer = answer.map_err(|trap| format!("{}: a trap: {trap}", self.doing))?;
        self.lua.take((ptr, len));
        let run = Run { answer, result: self.lua.result(), output: self.lua.drain() };
        *self.counts.runs.entry(run.status()).or_default() += 1;
        if matches!(run.status(), status::YIELD | status::PAUSED | status::OUTPUT) {
            let id = self.lua.task();
            self.waiting.push(Task { id, kind: run.status() });
        }
        Ok(run)
    }

    /// Goes on with the task that has waited longest, or ends it.
    fn go_on(&mut self, patient: bool) -> Result<(), String> {
        const ANSWERS: [&[u8]; 7] = [
            b"",
            b"\x90",
            b"\x92\x01\xa1x",
            b"\x91\xc0",
            b"\x93\xcb\x7f\xf0\0\0\0\0\0\0\xc2\x80",
            b"\x91\x93\x01\x02\x03",
            b"\x92\xd6\x02\0\0\0\x05\xd6\x02\0\0\0\x06",
        ];
        let Task { id, kind } = self.waiting.remove(0);
        let choice = self.random.below(20);
        if choice == 0 || !patient {
            self.doing = format!("cancel {id}");
            let ended = self.lua.try_call::<_, i32>("cancel", id);
            let ended = ended.map_err(|trap| format!("{}: a trap: {trap}", self.doing))?;
            self.lua.drain();
            *self
                .counts
                .runs
                .entry(if ended == status::OK { status::CANCELLED } else { ended })
                .or_default() += 1;
        } else if kind != status::YIELD {
            self.run("resume", Some(id), b"")?;
        } else if choice < 5 {
            self.run("raise", Some(id), b"\xa6raised")?;
        } else {
            let answer = *self.random.pick(&ANSWERS);
            self.run("resume", Some(id), answer)?;
        }
        Ok(())
    }

    fn batch(&mut self, records: &[u8]) -> Result<(), String> {
        let slice = *self.random.pick(&[0.0, 0.0, 5_000.0, 50_000.0]);
        self.lua.set(option::SLICE, slice);
        self.counts.batches += 1;
        let len = u16::try_from(records.len()).expect("a batch fits");
        let reference = [0xd6, 2, 0, 0, 0, self.random.below(8) as u8];
        let data =
            [b"\x93", self.batch.as_slice(), b"\xc5", &len.to_be_bytes(), records, &reference].concat();
        self.run("call", None, &data)?;
        let mut steps = 0;
        while self.waiting.len() > WAITING || !self.waiting.is_empty() && self.random.below(5) > 0 {
            steps += 1;
            self.go_on(steps < PATIENCE)?;
        }
        self.lua.set(option::SLICE, 0.0);
        self.count()?;
        self.usable()
    }

    /// Takes the log of what was called.
    fn count(&mut self) -> Result<(), String> {
        let data = [b"\x91", self.report.as_slice()].concat();
        let run = self.run("call", None, &data)?;
        let mut answer = Reader(&run.result);
        let log = answer.array().filter(|_| run.answer >= 0).and_then(|_| answer.string());
        let Some(log) = log.filter(|log| log.len() % 3 == 0) else {
            self.counts.lost += 1;
            return Ok(());
        };
        for call in log.chunks(3) {
            let number = usize::from(call[0]) << 8 | usize::from(call[1]);
            let Some(name) = number.checked_sub(1).and_then(|number| self.names.get(number)) else {
                continue;
            };
            if !self.counts.by_function.contains_key(name) {
                self.counts.by_function.insert(name.clone(), Called::default());
            }
            let called = self.counts.by_function.get_mut(name).expect("it was put there");
            match call[2] {
                0 => called.failed += 1,
                1 => called.succeeded += 1,
                _ => called.indirectly += 1,
            }
            self.counts.calls += 1;
        }
        Ok(())
    }

    /// `return 2+2` is 4.
    fn usable(&mut self) -> Result<(), String> {
        let mut seen = String::new();
        for _ in 0..ATTEMPTS {
            let run = self.run("compute", None, b"return 2+2")?;
            if run.result == b"\x91\x04" {
                return Ok(());
            }
            seen = format!("status {}: {}", run.status(), run.text());
            if !matches!(run.status(), status::BUDGET | status::EXIT) {
                break;
            }
        }
        Err(format!("2+2 ends in {seen}"))
    }

    /// After a `reset` nothing of the script is left but its files, and the next state starts.
    fn reset(&mut self) -> Result<(), String> {
        let mut used = Vec::new();
        for _ in 0..2 {
            self.doing = "reset".into();
            let reset = self.lua.try_call::<_, i32>("reset", ());
            let reset = reset.map_err(|trap| format!("reset: a trap: {trap}"))?;
            if reset != status::OK {
                return Err(format!("reset answers {reset}"));
            }
            used.push(self.lua.get(option::MEMORY_USED));
            self.usable()?;
        }
        if used[0] != used[1] || used[0] > MEMORY + RESERVE {
            return Err(format!("{used:?} bytes are left after reset"));
        }
        Ok(())
    }
}
