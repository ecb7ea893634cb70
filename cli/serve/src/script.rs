//! One script, from its source to its outcome, done in steps.

mod output;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use moonlet::{Engine, Error, ErrorKind, Lua, LuaBuilder, Task, TaskKind, Value, Variadic};
use serde::Serialize;
use serde_json::Value as Json;
use tokio::sync::oneshot;
use utoipa::ToSchema;

pub use self::output::{Output, Piece, Printed};
use crate::json;
use crate::scheduler::Work;
use crate::snapshot;

/// Units of fuel between two looks at the clock, well under a millisecond of usual work.
const SLICE: u64 = 100_000;

/// What a script is, and what it may use.
pub struct Script {
    /// The engine of its version of Lua.
    pub engine: Engine,
    /// The source.
    pub source: String,
    /// The name of the chunk, as Lua's `load` takes it.
    pub name: String,
    /// Standard input.
    pub input: Option<String>,
    /// Units of fuel.
    pub fuel: u64,
    /// Bytes of memory.
    pub memory: u64,
    /// From the start to the end.
    pub timeout: Duration,
    /// Bytes of what it returns.
    pub result: u64,
    /// What takes what it prints.
    pub output: Arc<Output>,
    /// The session, where it belongs to one.
    pub session: Option<Stored>,
}

/// The state of a session.
pub struct Stored {
    /// Its stored state; none when it has none yet.
    pub state: Option<Vec<u8>>,
    /// Bytes that its next stored state may have.
    pub limit: u64,
}

/// How a script ended.
pub struct Outcome {
    /// What it returned, or why it did not.
    pub result: Result<Vec<Json>, Failure>,
    /// Units of fuel that it used.
    pub fuel_used: u64,
    /// Bytes that its state holds at the end.
    pub memory_used: u64,
    /// The most that it held.
    pub memory_peak: u64,
    /// From the start to the end.
    pub time: Duration,
    /// The next stored state of the session.
    pub session: Option<Result<Vec<u8>, NotKept>>,
}

/// Why a session's state cannot be stored.
#[derive(Debug)]
pub enum NotKept {
    /// The engine tore a call down, which damages the state.
    Torn,
    /// It is so large.
    Large(u64),
}

/// Why a script did not return.
pub enum Failure {
    /// It ended with an error, or was ended by its limits.
    Script(Box<ScriptError>),
    /// The stored state is none that this program can take up.
    State(String),
    /// The server could not run it.
    Engine(String),
}

/// What ended a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// The source is no Lua.
    Syntax,
    /// It raised an error, or returned what cannot be handed over.
    Runtime,
    /// Its memory was used up.
    Memory,
    /// Its fuel was used up.
    Budget,
    /// Its time was up.
    Timeout,
    /// It called `os.exit`.
    Exit,
    /// It could not be started within its limits.
    Refused,
}

impl Cause {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Runtime => "runtime",
            Self::Memory => "memory",
            Self::Budget => "budget",
            Self::Timeout => "timeout",
            Self::Exit => "exit",
            Self::Refused => "refused",
        }
    }
}

/// The error that ended a script.
pub struct ScriptError {
    pub cause: Cause,
    pub message: String,
    pub traceback: Option<String>,
    pub chunk: Option<String>,
    pub line: Option<u32>,
    pub value: Option<Json>,
    pub exit_code: Option<i32>,
}

impl ScriptError {
    fn new(cause: Cause, message: String) -> Self {
        Self { cause, message, traceback: None, chunk: None, line: None, value: None, exit_code: None }
    }
}

/// A script on its way.
pub struct Job {
    script: Script,
    /// Set when nobody waits for the outcome any more.
    abandoned: Arc<AtomicBool>,
    reply: Option<oneshot::Sender<Outcome>>,
    stage: Stage,
}

enum Stage {
    New,
    Running {
        lua: Lua,
        task: Task,
        started: Instant,
    },
    /// What is left of the state, which goes with the job.
    Ended(#[allow(dead_code, reason = "it is dropped")] Option<Lua>),
}

/// Who waits for a script's outcome. The script is ended when it is dropped.
pub struct Ticket {
    abandoned: Arc<AtomicBool>,
    outcome: oneshot::Receiver<Outcome>,
}

impl Ticket {
    /// The outcome; none when the server failed.
    pub async fn outcome(mut self) -> Option<Outcome> {
        (&mut self.outcome).await.ok()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }
}

impl Job {
    /// A job, and what waits for it.
    pub fn new(script: Script) -> (Self, Ticket) {
        let (sender, outcome) = oneshot::channel();
        let abandoned = Arc::new(AtomicBool::new(false));
        let job = Self { script, abandoned: abandoned.clone(), reply: Some(sender), stage: Stage::New };
        (job, Ticket { abandoned, outcome })
    }

    fn builder(&self) -> LuaBuilder {
        let script = &self.script;
        let (output, errors) = (script.output.clone(), script.output.clone());
        Lua::builder()
            .engine(&script.engine)
            .memory(script.memory)
            .result(script.result)
            // Bounds each slice, and what cannot be paused; the whole is bounded here.
            .timeout(script.timeout)
            .slice(SLICE)
            .output(move |bytes| output.add(false, bytes))
            .error_output(move |bytes| errors.add(true, bytes))
    }

    /// The state that the script runs in.
    fn state(&self) -> Result<Lua, Failure> {
        let stored = self.script.session.as_ref().and_then(|session| session.state.as_deref());
        let lua = match stored {
            None => self.builder().build().and_then(seeded),
            Some(stored) => {
                let bytes = snapshot::unpack(stored).map_err(Failure::State)?;
                self.builder().restore(&bytes)
            }
        };
        let limited = |lua: Lua| lua.set_fuel(self.script.fuel).map(|()| lua);
        let lua = lua.and_then(limited).map_err(|error| match error.kind() {
            ErrorKind::Snapshot => Failure::State(error.message().into()),
            ErrorKind::Memory | ErrorKind::Refused => Failure::Script(Box::new(failed(error))),
            _ => Failure::Engine(error.message().into()),
        })?;
        let given = match &self.script.input {
            Some(input) => lua.files().write("/dev/stdin", input),
            None if stored.is_some() => lua.files().remove("/dev/stdin").map(drop),
            None => Ok(()),
        };
        given.map_err(|error| Failure::Script(Box::new(refused(&error))))?;
        Ok(lua)
    }

    fn begin(&mut self) -> bool {
        let started = Instant::now();
        let lua = match self.state() {
            Ok(lua) => lua,
            Err(failure) => {
                self.reply(Outcome {
                    result: Err(failure),
                    fuel_used: 0,
                    memory_used: 0,
                    memory_peak: 0,
                    time: started.elapsed(),
                    session: None,
                });
                return false;
            }
        };
        match lua.load(&self.script.source).name(&self.script.name).start(()) {
            Ok(task) => self.settle(lua, task, started),
            Err(error) => self.end(lua, Err(failed(error)), started),
        }
    }

    fn go_on(&mut self, lua: Lua, mut task: Task, started: Instant) -> bool {
        if self.abandoned.load(Ordering::Relaxed) {
            // Its `<close>` handlers cannot matter to anybody: the state goes with it.
            self.stage = Stage::Ended(Some(lua));
            return false;
        }
        if started.elapsed() >= self.script.timeout {
            let time = self.script.timeout;
            let error = match task.cancel() {
                Ok(()) => ScriptError::new(Cause::Timeout, format!("the script's time of {time:?} is up")),
                Err(error) => failed(error),
            };
            return self.end(lua, Err(error), started);
        }
        let resumed = match task.kind() {
            TaskKind::Call => {
                let name = task.name().unwrap_or("host.call").to_string();
                task.fail(format!("this server gives scripts no function '{name}'"))
            }
            _ => task.resume(()),
        };
        match resumed {
            Ok(()) => self.settle(lua, task, started),
            Err(error) => self.end(lua, Err(failed(error)), started),
        }
    }

    /// Looks at where a step left the task; whether it goes on.
    fn settle(&mut self, lua: Lua, task: Task, started: Instant) -> bool {
        if task.kind() != TaskKind::Done {
            self.stage = Stage::Running { lua, task, started };
            return true;
        }
        let result = match task.result::<Variadic<Value>>() {
            Ok(Variadic(values)) => {
                let shown = values.iter().map(json::value).collect();
                let held = values.iter().any(json::holds);
                drop((values, task));
                if held && self.script.session.is_some() {
                    // What was held is let go of with the next call, and must not stay in the snapshot.
                    let _ = lua.eval::<()>("");
                }
                Ok(shown)
            }
            Err(error) => Err(failed(error)),
        };
        self.end(lua, result, started)
    }

    fn end(&mut self, lua: Lua, result: Result<Vec<Json>, ScriptError>, started: Instant) -> bool {
        let stats = lua.stats();
        let session = self.script.session.as_ref().map(|session| {
            stats.as_ref().map_err(|_| NotKept::Torn)?;
            let bytes = lua.snapshot().map_err(|_| NotKept::Torn)?;
            let packed = snapshot::pack(&bytes);
            let len = packed.len() as u64;
            if len <= session.limit { Ok(packed) } else { Err(NotKept::Large(len)) }
        });
        let stats = stats.unwrap_or_default();
        self.reply(Outcome {
            result: result.map_err(|error| Failure::Script(Box::new(error))),
            fuel_used: stats.fuel_used,
            memory_used: stats.memory_used,
            memory_peak: stats.memory_peak,
            time: started.elapsed(),
            session,
        });
        self.stage = Stage::Ended(Some(lua));
        false
    }

    fn reply(&mut self, outcome: Outcome) {
        self.script.output.close();
        if let Some(reply) = self.reply.take() {
            // Whoever waited may have gone.
            let _ = reply.send(outcome);
        }
    }
}

impl Work for Job {
    fn step(&mut self) -> bool {
        match std::mem::replace(&mut self.stage, Stage::Ended(None)) {
            Stage::New if self.abandoned.load(Ordering::Relaxed) => false,
            Stage::New => self.begin(),
            Stage::Running { lua, task, started } => self.go_on(lua, task, started),
            Stage::Ended(_) => false,
        }
    }
}

/// Gives a new state random numbers of its own, before its script has limits of fuel.
fn seeded(lua: Lua) -> moonlet::Result<Lua> {
    let number = || RandomState::new().hash_one(0).cast_signed();
    lua.call::<()>("math.randomseed", (number(), number()))?;
    Ok(lua)
}

/// What the client is told of an error.
fn failed(error: Error) -> ScriptError {
    let cause = match error.kind() {
        ErrorKind::Syntax => Cause::Syntax,
        ErrorKind::Runtime => Cause::Runtime,
        ErrorKind::Memory => Cause::Memory,
        ErrorKind::Budget => Cause::Budget,
        ErrorKind::Cancelled | ErrorKind::Poisoned => Cause::Timeout,
        ErrorKind::Exit => Cause::Exit,
        _ => Cause::Refused,
    };
    ScriptError {
        cause,
        message: error.message().into(),
        traceback: error.traceback().map(Into::into),
        chunk: error.chunk().map(Into::into),
        line: error.line(),
        value: error.value().map(json::value),
        exit_code: error.exit_code(),
    }
}

fn refused(error: &Error) -> ScriptError {
    ScriptError::new(Cause::Refused, error.message().into())
}
