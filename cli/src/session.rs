//! A state of Lua with what the command gives it, and the loop that drives a script to its end.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use moonlet::{
    Canceller, Error, ErrorKind, Function, Lua, LuaBuilder, LuaString, Task, TaskKind, Value, Variadic,
};

use crate::engine;
use crate::folders::Folders;
use crate::input::{Input, Read};
use crate::interrupts::Interrupts;
use crate::machine::{environment, one_stream};
use crate::options::{Limits, LuaVersion, World};
use crate::report::OWN;
use crate::value::{exit_code, os_string, table, text};
use crate::{prelude, source, zone};

const INTERRUPT: &str = include_str!("lua/interrupt.lua");

/// How often what a script wrote into folders is written back while it runs.
const WRITE_BACK: Duration = Duration::from_secs(1);

/// How much longer than its time a script may take before the process ends.
const GRACE: Duration = Duration::from_secs(1);

/// Fuel for the finalizers of a state whose scripts have a limit.
const FAREWELL: u64 = 1_000_000;

/// A state, and this machine around it.
pub struct Session {
    pub lua: Lua,
    pub input: Input,
    pub interrupts: Interrupts,
    pub folders: Folders,
    /// Whether a script that waits ends the run, to be saved.
    pub saves: bool,
    /// Whether scripts have a limit of fuel.
    fuel: bool,
    /// The time that a script has.
    timeout: Option<Duration>,
    deadline: Option<Instant>,
    /// Why output could not be written.
    output_error: Arc<Mutex<Option<io::Error>>>,
    /// Whether the script was told of Ctrl-C.
    interrupted: bool,
    /// Counts scripts that ended, for who watches their time.
    runs: Arc<AtomicU64>,
    written_back: Instant,
}

/// How a script ended.
#[derive(Debug)]
pub enum End {
    /// It returned.
    Done(Vec<Value>),
    /// It failed.
    Failed(Error),
    /// It was stopped, for this reason.
    Stopped(String),
    /// It called `os.exit`.
    Exit(i32),
    /// It called `os.exit`, to close the state, too.
    Closed(i32),
    /// It waits, and can be saved.
    Waits(Task, Why),
    /// What it prints can no longer be written.
    OutputLost(io::Error),
}

/// Why a script waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// For the answer to a call.
    Call,
    /// Its time is up.
    TimeUp,
    /// Ctrl-C was pressed.
    Interrupted,
}

/// A host call that was answered, or not.
enum Reply {
    Values(Vec<Value>),
    Error(String),
    Close(i32),
    Wait,
    Stop(Read),
}

/// The options of a state that new ones and those that are restored have.
pub fn builder(
    version: LuaVersion,
    limits: &Limits,
    world: &World,
    zone: Option<String>,
) -> Result<LuaBuilder> {
    let engine = engine::engine(version.version(), world.deterministic)?;
    let mut builder = prelude::builder().engine(&engine).memory(limits.memory.unwrap_or(0));
    if world.deterministic {
        builder = builder.deterministic();
    } else if let Some(zone) = zone {
        builder = builder.time_zone(zone);
    }
    Ok(builder)
}

/// What `math.random` starts from, another one each time.
fn seed() -> Value {
    let number = || Value::Integer(RandomState::new().hash_one(0).cast_signed());
    Value::Sequence(vec![number(), number()])
}

impl Session {
    /// A new state, with the variables of the environment that `lua` heeds unless they are to be ignored; and what drives scripts in it.
    pub fn new(
        version: LuaVersion,
        limits: &Limits,
        world: &World,
        ignore_environment: bool,
    ) -> Result<(Self, Function)> {
        let make = |lua: &dyn Fn(LuaBuilder) -> moonlet::Result<Lua>| -> Result<Lua> {
            let zone = zone::local();
            match lua(builder(version, limits, world, zone)?) {
                // A zone that the module does not take is that of a file which it cannot read: UTC is all that is left.
                Err(error) if error.kind() == ErrorKind::Refused && error.message().contains("time zone") => {
                    Ok(lua(builder(version, limits, world, None)?)?)
                }
                made => Ok(made?),
            }
        };
        let session = Self::around(limits, world, |with| make(&|builder| with(builder).build()))?;
        let variable = |name: &str| {
            let found =
                || std::env::var_os(format!("{name}{}", version.suffix())).or_else(|| std::env::var_os(name));
            if ignore_environment { None } else { found() }
        };
        let given = table([
            ("seed", if world.deterministic { Value::Nil } else { seed() }),
            ("environment", environment(&world.env)),
            ("path", variable("LUA_PATH").map_or(Value::Nil, |path| text(&path))),
            ("cpath", variable("LUA_CPATH").map_or(Value::Nil, |path| text(&path))),
            ("folders", session.folders.any().into()),
            ("one_stream", one_stream().into()),
        ]);
        let driver = prelude::begin(&session.lua, given)?;
        session.lua.set_fuel(limits.fuel.unwrap_or(0))?;
        Ok((session, driver))
    }

    /// The state of a snapshot. It has its own environment and paths.
    pub fn restored(version: LuaVersion, limits: &Limits, world: &World, snapshot: &[u8]) -> Result<Self> {
        // The zone comes along unless another is set.
        let zone = zone::local();
        let mut session = Self::around(limits, world, |with| {
            Ok(with(builder(version, limits, world, zone)?).restore(snapshot)?)
        })?;
        session.folders.take_up(&session.lua)?;
        Ok(session)
    }

    fn around(
        limits: &Limits,
        world: &World,
        make: impl FnOnce(&dyn Fn(LuaBuilder) -> LuaBuilder) -> Result<Lua>,
    ) -> Result<Self> {
        let folders = Folders::open(&world.dir)?;
        let output_error: Arc<Mutex<Option<io::Error>>> = Arc::default();
        let canceller: Arc<OnceLock<Canceller>> = Arc::default();
        let lua = make(&|builder| {
            let (lost, canceller) = (output_error.clone(), canceller.clone());
            builder.output(move |bytes| {
                let mut stdout = io::stdout().lock();
                if let Err(error) = stdout.write_all(bytes).and_then(|()| stdout.flush()) {
                    lost.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    // A script that prints on would not notice.
                    canceller.get().map(Canceller::cancel);
                }
            })
        })?;
        canceller.get_or_init(|| lua.canceller());
        Ok(Self {
            lua,
            input: Input::default(),
            interrupts: Interrupts::catch()?,
            folders,
            saves: false,
            fuel: limits.fuel.is_some(),
            timeout: limits.timeout,
            deadline: None,
            output_error,
            interrupted: false,
            runs: Arc::default(),
            written_back: Instant::now(),
        })
    }

    /// Begins the time of a script.
    pub fn begin(&mut self) {
        self.interrupts.forget();
        self.interrupted = false;
        self.deadline = self.timeout.map(|time| Instant::now() + time);
        if let Some(time) = self.timeout {
            let (runs, run) = (self.runs.clone(), self.runs.load(Ordering::Relaxed));
            std::thread::spawn(move || {
                std::thread::sleep(time + GRACE);
                if runs.load(Ordering::Relaxed) == run {
                    // What cannot be left halfway does not come back; the process is all that can be ended.
                    eprintln!("moonlet: the script's time of {time:?} is up, and it does not stop");
                    std::process::exit(1);
                }
            });
        }
    }

    /// Drives a script until it ends or waits.
    pub fn drive(&mut self, started: moonlet::Result<Task>) -> Result<End> {
        let end = self.drive_on(started);
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.deadline = None;
        end
    }

    fn drive_on(&mut self, started: moonlet::Result<Task>) -> Result<End> {
        let mut task = match started {
            Ok(task) => task,
            Err(error) => return Ok(self.ended(error)),
        };
        loop {
            if let Some(error) = self.lost_output() {
                task.cancel()?;
                return Ok(End::OutputLost(error));
            }
            let stepped = match task.kind() {
                TaskKind::Done => {
                    let values: Variadic<Value> = task.result()?;
                    return Ok(End::Done(values.0));
                }
                TaskKind::Input => {
                    self.folders.write_back(&self.lua)?;
                    match self.input.piece(&self.interrupts, self.deadline)? {
                        Read::Bytes(bytes) => {
                            self.lua.write_input(&bytes)?;
                            task.resume(())
                        }
                        read => match self.stop(&read, &mut task)? {
                            Some(end) => return Ok(self.waits_if(end, task)),
                            None => {
                                // The script is interrupted where it reads: it gets the end of input, and the error then.
                                self.lua.write_input(&[])?;
                                task.resume(())
                            }
                        },
                    }
                }
                TaskKind::Call => match self.answer(&task)? {
                    Reply::Values(values) => match task.resume(Variadic(values)) {
                        // What cannot be handed over is raised instead.
                        Err(error) if error.kind() == ErrorKind::Refused => {
                            task.fail(error.message().to_string())
                        }
                        stepped => stepped,
                    },
                    Reply::Error(message) => task.fail(message),
                    Reply::Close(code) => {
                        task.cancel()?;
                        return Ok(End::Closed(code));
                    }
                    Reply::Wait => return Ok(End::Waits(task, Why::Call)),
                    Reply::Stop(read) => match self.stop(&read, &mut task)? {
                        Some(end) => return Ok(self.waits_if(end, task)),
                        None => task.fail("interrupted!"),
                    },
                },
                _ => {
                    if self.written_back.elapsed() > WRITE_BACK {
                        self.folders.write_back(&self.lua)?;
                        self.written_back = Instant::now();
                    }
                    let read = if self.interrupts.caught() && !self.interrupted {
                        Read::Interrupted
                    } else if self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                        Read::TimeUp
                    } else {
                        Read::Bytes(Vec::new())
                    };
                    match self.stop(&read, &mut task)? {
                        Some(end) => return Ok(self.waits_if(end, task)),
                        None => task.resume(()),
                    }
                }
            };
            if let Err(error) = stepped {
                return Ok(self.ended(error));
            }
        }
    }

    /// Why output could not be written, once.
    fn lost_output(&self) -> Option<io::Error> {
        self.output_error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// How an error ended a script.
    fn ended(&self, error: Error) -> End {
        match (self.lost_output(), error.exit_code()) {
            (Some(lost), _) => End::OutputLost(lost),
            (None, Some(code)) if error.kind() == ErrorKind::Exit => End::Exit(code),
            _ => End::Failed(error),
        }
    }

    /// What is done about Ctrl-C and the end of the time: an end, or the script goes on, perhaps with an error to come.
    fn stop(&mut self, read: &Read, task: &mut Task) -> Result<Option<Stop>> {
        match read {
            Read::Bytes(_) => Ok(None),
            Read::TimeUp if self.saves => Ok(Some(Stop::Save(Why::TimeUp))),
            Read::Interrupted if self.saves => Ok(Some(Stop::Save(Why::Interrupted))),
            Read::TimeUp => {
                task.cancel()?;
                let time = self.timeout.unwrap_or_default();
                Ok(Some(Stop::End(format!("the script's time of {time:?} is up"))))
            }
            Read::Interrupted => {
                self.interrupted = true;
                if self.lua.load(INTERRUPT).name(OWN).exec().is_ok() {
                    return Ok(None);
                }
                // A script that took the means away is ended by the host.
                task.cancel()?;
                Ok(Some(Stop::End("interrupted!".into())))
            }
        }
    }

    fn waits_if(&self, stop: Stop, task: Task) -> End {
        match stop {
            Stop::Save(why) => End::Waits(task, why),
            Stop::End(message) => End::Stopped(message),
        }
    }

    /// Answers a call of the script.
    fn answer(&mut self, task: &Task) -> Result<Reply> {
        let Variadic(arguments): Variadic<Value> = task.arguments()?;
        let word = |index: usize| match arguments.get(index) {
            Some(Value::String(text)) => text.to_string_lossy().into_owned(),
            _ => String::new(),
        };
        let lua = &self.lua;
        let values = match task.name().unwrap_or_default() {
            "moonlet.source" => return self.source(arguments.first()),
            "moonlet.read" => self.folders.read(lua, &word(0))?,
            "moonlet.write" => self.folders.write(lua, &word(0), &word(1))?,
            "moonlet.remove" => self.folders.remove(lua, &word(0))?,
            "moonlet.rename" => self.folders.rename(lua, &word(0), &word(1))?,
            "moonlet.find" => {
                let names = match arguments.into_iter().next() {
                    Some(Value::Sequence(names)) => names,
                    _ => Vec::new(),
                };
                let names: Vec<String> =
                    names.iter().filter_map(|name| name.as_str().map(str::to_string)).collect();
                self.folders.find_first(lua, &names)?;
                Vec::new()
            }
            "moonlet.close" => {
                return Ok(Reply::Close(arguments.first().map_or(0, exit_code)));
            }
            _ if self.saves => return Ok(Reply::Wait),
            name => {
                let message = format!(
                    "nobody answers '{name}' here; run the script with --snapshot FILE, and answer by moonlet resume FILE"
                );
                return Ok(Reply::Error(message));
            }
        };
        Ok(Reply::Values(values))
    }

    /// The text of a script, and its name as a chunk's.
    fn source(&mut self, path: Option<&Value>) -> Result<Reply> {
        let (source, name) = match path {
            Some(Value::String(path)) => {
                (source::read(&os_string(path)), format!("@{}", path.to_string_lossy()))
            }
            _ => match self.input.rest(&self.interrupts, self.deadline)? {
                Read::Bytes(bytes) => (source::strip(bytes, "standard input"), "=stdin".to_string()),
                stopped => return Ok(Reply::Stop(stopped)),
            },
        };
        Ok(Reply::Values(match source {
            Ok(source) => vec![LuaString::from(source).into(), name.into()],
            Err(message) => vec![Value::Nil, message.into()],
        }))
    }

    /// Ends the state: buffers of files are written. With `finalizers` these run, too, as when `lua` closes its state. The status, if one
    /// of them chose it.
    pub fn close(&mut self, finalizers: bool) -> Result<Option<i32>> {
        // What runs now is not to be saved, and has limits of its own.
        self.saves = false;
        self.lua.set_fuel(if self.fuel { FAREWELL } else { 0 })?;
        self.begin();
        let started = self.lua.load(prelude::CLOSE).name(OWN).start((finalizers,));
        let code = match self.drive(started)? {
            End::Exit(code) => Some(code),
            End::Done(values) => values.first().filter(|code| !code.is_nil()).map(exit_code),
            _ => None,
        };
        self.folders.write_back(&self.lua)?;
        Ok(code)
    }
}

/// How a script is stopped.
enum Stop {
    Save(Why),
    End(String),
}
