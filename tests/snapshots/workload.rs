//! Scripts that are all under way in one instance, each as a task, with a host that answers them.

use std::fs;
use std::path::Path;

use moonlet_tests::snapshot;
use moonlet_tests::{Lua, Random, Version, option, status};
use rmpv::Value;
use wasmtime::Trap;

/// Fuel before a pause, and bytes of output.
const SLICE: f64 = 600.0;
const OUTPUT: f64 = 200.0;

/// A call of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    Compute,
    Resume,
    Raise,
    Cancel,
}

/// What the host does in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub export: Export,
    pub task: i32,
    pub data: Vec<u8>,
}

/// What a step left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub answer: i32,
    /// The task that was suspended last.
    pub task: i32,
    pub result: Vec<u8>,
    pub output: Vec<u8>,
}

impl Step {
    /// Whether it answers a request of a script.
    pub fn is_answer(&self) -> bool {
        self.export == Export::Resume && !self.data.is_empty()
    }

    /// Does it; Node's host.mjs makes the same calls.
    pub fn run(&self, lua: &mut Lua) -> Outcome {
        let data = lua.put(&self.data);
        let answer = self.call(lua, data).unwrap_or_else(|trap| panic!("{self:?}: {trap}"));
        lua.take(data);
        Outcome { answer, task: lua.task(), result: lua.result(), output: lua.drain() }
    }

    /// Its one call that runs a script, which the engine may tear down.
    pub fn call(&self, lua: &mut Lua, (ptr, len): (u32, u32)) -> Result<i32, Trap> {
        match self.export {
            Export::Compute => lua.try_call("compute", (ptr, len)),
            Export::Resume => lua.try_call("resume", (self.task, ptr, len)),
            Export::Raise => lua.try_call("raise", (self.task, ptr, len)),
            Export::Cancel => lua.try_call("cancel", self.task),
        }
    }
}

fn packed(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).expect("memory");
    bytes
}

/// What a request asks for: its name.
fn name(request: &[u8]) -> String {
    let request = rmpv::decode::read_value(&mut &request[..]).expect("a request in MessagePack");
    request.as_array().expect("an array")[0].as_str().expect("a name").to_string()
}

/// A number that depends on all of a request.
fn digest(request: &[u8], salt: u64) -> u64 {
    request.iter().fold(salt, |sum, byte| (sum * 31 + u64::from(*byte)) % 65521)
}

/// What the host answers: a number, once more as text, and nil.
pub fn answer(request: &[u8], salt: u64) -> Vec<u8> {
    let number = digest(request, salt);
    packed(&Value::Array(vec![number.into(), format!("answer {number}").into(), Value::Nil]))
}

/// A reference that depends on the request alone, as the same object has the same number.
fn object(request: &[u8]) -> Vec<u8> {
    let number = digest(request, 1) as u32;
    packed(&Value::Array(vec![Value::Ext(2, number.to_be_bytes().to_vec())]))
}

#[derive(Clone)]
struct Pending {
    task: i32,
    status: i32,
    request: Vec<u8>,
}

/// The host: which scripts it has started, and what waits for it.
pub struct Host {
    scripts: Vec<Vec<u8>>,
    pending: Vec<Pending>,
    random: Random,
    /// Hosts of different salts give different answers.
    salt: u64,
}

impl Host {
    pub fn new(seed: u64) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/scripts");
        let mut paths: Vec<_> =
            fs::read_dir(folder).expect("the scripts").map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        let mut scripts: Vec<_> = paths.iter().map(|path| fs::read(path).expect("a script")).collect();
        let mut random = Random(seed);
        for place in 1..scripts.len() {
            scripts.swap(place, random.below(place as u64 + 1) as usize);
        }
        Self { scripts, pending: Vec::new(), random, salt: 1 }
    }

    /// The host beside a copy of its instance.
    pub fn fork(&self, salt: u64) -> Self {
        let (scripts, pending) = (self.scripts.clone(), self.pending.clone());
        Self { scripts, pending, random: Random(self.random.0), salt }
    }

    /// Sets the options of a fresh instance and gives it its files.
    pub fn prepare(lua: &mut Lua) {
        assert_eq!(lua.set(option::SLICE, SLICE), status::OK);
        assert_eq!(lua.set(option::OUTPUT, OUTPUT), status::OK);
        assert_eq!(
            lua.write_file("module.lua", b"return {value = host.call('ask', 'in require')}"),
            status::OK
        );
    }

    /// What to do next; nothing once every task has ended.
    pub fn next(&mut self) -> Option<Step> {
        if !self.scripts.is_empty() && (self.pending.is_empty() || self.random.below(4) == 0) {
            return Some(Step { export: Export::Compute, task: 0, data: self.scripts.pop()? });
        }
        if self.pending.is_empty() {
            return None;
        }
        let place = self.random.below(self.pending.len() as u64) as usize;
        let Pending { task, status, request } = self.pending.swap_remove(place);
        let (export, data) = match status {
            status::YIELD => match name(&request).as_str() {
                "fail" => (Export::Raise, packed(&format!("failed: {}", digest(&request, self.salt)).into())),
                "stop" => (Export::Cancel, Vec::new()),
                "object" => (Export::Resume, object(&request)),
                _ => (Export::Resume, answer(&request, self.salt)),
            },
            _ => (Export::Resume, Vec::new()),
        };
        Some(Step { export, task, data })
    }

    /// Takes notice of how a step ended.
    pub fn note(&mut self, outcome: &Outcome) {
        let status = -outcome.answer;
        if matches!(status, status::YIELD | status::PAUSED | status::OUTPUT) {
            let request = outcome.result.clone();
            self.pending.push(Pending { task: outcome.task, status, request });
        }
    }
}

/// A workload that nothing disturbed.
pub struct Trace {
    pub steps: Vec<Step>,
    pub outcomes: Vec<Outcome>,
    /// The instance in the stored form, before the first step and after each.
    pub snapshots: Vec<Vec<u8>>,
}

impl Trace {
    pub fn new(version: Version, seed: u64) -> Self {
        let mut lua = Lua::new(version);
        Host::prepare(&mut lua);
        let mut host = Host::new(seed);
        let save = |lua: &mut Lua| snapshot::save(lua).expect("an instance that is not poisoned");
        let mut trace = Self { steps: Vec::new(), outcomes: Vec::new(), snapshots: vec![save(&mut lua)] };
        while let Some(step) = host.next() {
            let outcome = step.run(&mut lua);
            host.note(&outcome);
            trace.snapshots.push(save(&mut lua));
            trace.steps.push(step);
            trace.outcomes.push(outcome);
        }
        trace.assert_worth_it();
        trace
    }

    /// Every kind of ending and suspension occurs.
    fn assert_worth_it(&self) {
        let count = |answer: i32| self.outcomes.iter().filter(|outcome| outcome.answer == -answer).count();
        for status in [status::YIELD, status::PAUSED, status::OUTPUT, status::ERRRUN] {
            assert!(count(status) > 0, "no step ended in status {status}");
        }
        assert!(count(status::YIELD) > 30 && count(status::PAUSED) > 10);
        for export in [Export::Raise, Export::Cancel] {
            assert!(self.steps.iter().any(|step| step.export == export), "no {export:?}");
        }
        let finished = self.outcomes.iter().filter(|outcome| outcome.answer >= 0).count();
        assert!(finished >= 6, "{finished} steps ended a task");
        let failed: Vec<_> =
            self.outcomes.iter().filter(|outcome| outcome.answer == -status::ERRRUN).collect();
        assert_eq!(failed.len(), 1, "only errors.lua fails: {}", String::from_utf8_lossy(&failed[0].result));
    }

    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// A step must leave what it left undisturbed: the same outcome, and the same memory.
    pub fn assert_same(&self, number: usize, outcome: &Outcome, snapshot: &[u8], context: &str) {
        assert_eq!(*outcome, self.outcomes[number], "step {number}, {context}");
        assert!(snapshot == self.snapshots[number + 1], "step {number} left other memory, {context}");
    }
}

/// A fresh instance that goes on from a stored snapshot.
pub fn restored(version: Version, bytes: &[u8]) -> Lua {
    let mut lua = Lua::new(version);
    snapshot::restore(&mut lua, bytes).unwrap_or_else(|error| panic!("{error}"));
    lua
}
