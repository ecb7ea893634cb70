//! Tasks that the host steps itself.

use std::fmt;

use crate::chunk::Chunk;
use crate::engine::Export;
use crate::error::BoxError;
use crate::lua::call;
use crate::numbers::{option, status};
use crate::run::{Reply, Run, raised};
use crate::state::{Action, Event, Suspended, Wait};
use crate::{Error, ErrorKind, FromLuaMulti, Function, IntoLuaMulti, Lua, Result, Value};

/// Why a [`Task`] stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskKind {
    /// It has ended.
    Done,
    /// Its slice is used up, by one run or by several between which the host's functions answered or took its output. It goes on by [`resume`](Task::resume) with
    /// `()`.
    Paused,
    /// It called a function that waits for the host, or that the host does not have. It goes on by [`resume`](Task::resume) with what the
    /// function returns, or by [`fail`](Task::fail).
    Call,
    /// Standard input is used up. It goes on by [`resume`](Task::resume) with `()` after [`Lua::write_input`].
    Input,
    /// What it prints is to be taken; only after a restore, as it is taken by itself otherwise. It goes on by [`resume`](Task::resume) with `()`.
    Output,
}

/// A script that runs until it waits, and goes on when the host says so: now, or in another process, after a snapshot.
///
/// Any number of them can wait in a state, among other evaluations. Dropping one leaves it waiting: [`Lua::tasks`] finds it again.
///
/// ```
/// use moonlet::{Lua, TaskKind};
///
/// let lua = Lua::new()?;
/// lua.define_waiting("ask")?;
/// let mut task = lua.start("return 'Hello ' .. ask('Who is there?')")?;
/// assert_eq!(task.kind(), TaskKind::Call);
/// assert_eq!((task.name(), task.arguments::<String>()?), (Some("ask"), "Who is there?".to_string()));
/// task.resume("Ada")?;
/// assert_eq!(task.result::<String>()?, "Hello Ada");
/// # Ok::<(), moonlet::Error>(())
/// ```
pub struct Task {
    lua: Lua,
    life: u64,
    /// Its number and the fuel that it used, while it waits.
    waits: Option<(u32, f64)>,
    kind: TaskKind,
    name: Option<String>,
    /// The arguments of the call that waits, or the results.
    values: Vec<Value>,
    /// The request that the host's own function answers as the task goes on; to the host it is paused.
    due: Option<Vec<Value>>,
    /// The status it ended with.
    status: i32,
}

impl Lua {
    /// Starts a chunk of source as a task; it has run until it waits, or ended, when this returns. [`Chunk::start`] has a name and
    /// arguments.
    ///
    /// # Errors
    /// As [`eval`](Self::eval).
    pub fn start(&self, source: impl AsRef<[u8]>) -> Result<Task> {
        self.load(source).start(())
    }

    /// As [`start`](Self::start), a function by its path, as [`call`](Self::call) takes it.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn start_call(&self, path: &str, arguments: impl IntoLuaMulti) -> Result<Task> {
        Task::start(self, &Action::Call(call(Value::String(path.into()), arguments)?))
    }

    /// The tasks that wait in the state, the oldest first: those of a snapshot, those that were dropped, and evaluations of
    /// other threads and futures, which are better left alone.
    ///
    /// # Errors
    /// [`Memory`](ErrorKind::Memory): the state has none left for the list; [`Refused`](ErrorKind::Refused): that is over the limit
    /// `result`, or a host that takes text, not values, started one of them.
    pub fn tasks(&self) -> Result<Vec<Task>> {
        let listed = self.state().list(Export::Tasks, 0)?;
        let entry = |entry| match entry {
            Value::Sequence(entry) => Task::found(self, self.take(entry)?),
            other => Err(crate::convert::mismatch("task", &other)),
        };
        listed.into_iter().map(entry).collect()
    }
}

impl Function {
    /// Starts a call of it as a task.
    ///
    /// # Errors
    /// As [`Lua::call`].
    pub fn start(&self, arguments: impl IntoLuaMulti) -> Result<Task> {
        Task::start(&self.lua()?, &Action::Call(call(Value::Function(self.clone()), arguments)?))
    }
}

impl Chunk<'_> {
    /// Starts it as a task, with arguments, which are its `...`.
    ///
    /// # Errors
    /// As [`Lua::eval`].
    pub fn start(self, arguments: impl IntoLuaMulti) -> Result<Task> {
        let lua = self.lua();
        Task::start(lua, &self.action(arguments)?)
    }
}

impl Task {
    fn new(lua: &Lua) -> Self {
        Self {
            lua: lua.clone(),
            life: lua.state().life(),
            waits: None,
            kind: TaskKind::Done,
            name: None,
            values: Vec::new(),
            due: None,
            status: status::OK,
        }
    }

    fn start(lua: &Lua, action: &Action) -> Result<Self> {
        let mut task = Self::new(lua);
        let mut run = Run::new(lua)?;
        let event = run.step(action)?;
        task.advance(run, event, 0.0)?;
        Ok(task)
    }

    /// A task of the module's list.
    fn found(lua: &Lua, (id, kind, format, fuel): (u32, i32, i32, f64)) -> Result<Self> {
        if format == 0 {
            let message = format!("task {id} was started by a host that takes text, and must be ended by it");
            return Err(Error::new(ErrorKind::Refused, message));
        }
        let mut task = Self::new(lua);
        task.waits = Some((id, fuel));
        task.kind = match kind {
            status::YIELD => TaskKind::Call,
            status::OUTPUT => TaskKind::Output,
            status::INPUT => TaskKind::Input,
            _ => TaskKind::Paused,
        };
        if task.kind == TaskKind::Call {
            let mut request = lua.state().list(Export::Request, id)?;
            let name = if request.is_empty() { Value::Nil } else { request.remove(0) };
            task.name = name.as_str().map(str::to_string);
            task.values = request;
        }
        Ok(task)
    }

    /// Why it stands still.
    pub fn kind(&self) -> TaskKind {
        self.kind
    }

    /// Its number in the state.
    pub fn id(&self) -> Option<u32> {
        self.waits.map(|(id, _)| id)
    }

    /// Units of fuel that it used until it last waited; 0 once it has ended.
    pub fn fuel_used(&self) -> u64 {
        self.waits.map_or(0, |(_, fuel)| fuel as u64)
    }

    /// The name of the function that it called and that waits.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The arguments of that call; none while it waits for something else.
    ///
    /// # Errors
    /// [`Conversion`](ErrorKind::Conversion).
    pub fn arguments<R: FromLuaMulti>(&self) -> Result<R> {
        let values = if self.kind == TaskKind::Call { self.values.clone() } else { Vec::new() };
        self.lua.take(values)
    }

    /// What it returned.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused): it still waits, or ended without returning; [`Conversion`](ErrorKind::Conversion).
    pub fn result<R: FromLuaMulti>(&self) -> Result<R> {
        if self.waits.is_some() {
            return Err(Error::new(ErrorKind::Refused, "the task has no result yet; resume it"));
        }
        if self.status != status::OK {
            return Err(over());
        }
        self.lua.take(self.values.clone())
    }

    /// Goes on, with the results of the call that waits, or with `()`, until it waits again or ends.
    ///
    /// # Errors
    /// As [`Lua::eval`]. After [`Refused`](ErrorKind::Refused) and [`Conversion`](ErrorKind::Conversion) it still waits; after any other it has
    /// ended.
    pub fn resume(&mut self, values: impl IntoLuaMulti) -> Result<()> {
        let values = values.into_lua_multi()?;
        self.go_on(|id| Action::Resume(id, values))
    }

    /// Goes on with an error in the place of the results, which the script can catch.
    ///
    /// # Errors
    /// As [`resume`](Self::resume).
    pub fn fail(&mut self, error: impl Into<BoxError>) -> Result<()> {
        let (value, _) = raised(error.into());
        self.go_on(|id| Action::Raise(id, value))
    }

    /// Ends it. Its `__close` handlers run, with little fuel.
    ///
    /// # Errors
    /// [`Poisoned`](ErrorKind::Poisoned) and [`Closed`](ErrorKind::Closed).
    pub fn cancel(&mut self) -> Result<()> {
        let Some((id, fuel)) = self.waits else { return Ok(()) };
        self.lua.state().cancel(id, self.life, fuel)?;
        self.end(status::CANCELLED);
        Ok(())
    }

    fn go_on(&mut self, action: impl FnOnce(u32) -> Action) -> Result<()> {
        let (id, fuel) = self.waits.ok_or_else(over)?;
        let action = action(id);
        if self.due.is_some() && !matches!(&action, Action::Resume(_, values) if values.is_empty()) {
            let message = "the task is paused and takes no value; resume it with ()";
            return Err(Error::new(ErrorKind::Refused, message).with_status(status::BAD_STATE));
        }
        let mut run = Run::new(&self.lua)?;
        run.take_up(id, self.life, fuel);
        let event = match self.due.take() {
            Some(request) => Ok(Event::Suspended(Suspended { task: id, wait: Wait::Call(request), fuel })),
            None => run.step(&action),
        };
        match event {
            Ok(event) => self.advance(run, event, fuel),
            Err(error) => {
                run.leave();
                if !matches!(error.kind(), ErrorKind::Refused | ErrorKind::Conversion) {
                    self.end(error.status());
                }
                Err(error)
            }
        }
    }

    /// Answers what the host can answer at once, until the task waits for more or ends. It had used so much fuel when it began to run.
    /// After an error it has ended.
    fn advance(&mut self, run: Run, event: Event, began: f64) -> Result<()> {
        self.drive(run, event, began).inspect_err(|error| self.end(error.status()))
    }

    fn drive(&mut self, mut run: Run, mut event: Event, began: f64) -> Result<()> {
        let slice = self.lua.state().settings.option(option::SLICE);
        loop {
            let suspended = match event {
                Event::Done(values) => {
                    self.end(status::OK);
                    self.values = values;
                    return Ok(());
                }
                Event::Failed(error) => return Err(error),
                Event::Suspended(suspended) => suspended,
            };
            let Suspended { task, wait, fuel } = suspended;
            self.waits = Some((task, fuel));
            // Each run has its own slice, so one that asks or prints would not come to the end of any.
            let is_over = slice > 0.0 && fuel - began >= slice;
            let kind = match wait {
                Wait::Call(request) if is_over && !run.is_waiting(&request) => {
                    self.due = Some(request);
                    TaskKind::Paused
                }
                Wait::Call(request) => match run.reply(request) {
                    Reply::Now(outcome) => {
                        event = run.answer(task, outcome)?;
                        continue;
                    }
                    #[cfg(feature = "async")]
                    Reply::Later(_) => {
                        event = run.answer(task, Err(crate::run::asynchronous()))?;
                        continue;
                    }
                    Reply::Wait(name, arguments) => {
                        (self.name, self.values) = (Some(name), arguments);
                        TaskKind::Call
                    }
                },
                Wait::Slice => TaskKind::Paused,
                Wait::Output if is_over => TaskKind::Paused,
                Wait::Input if !run.has_input() => TaskKind::Input,
                wait => {
                    event = run.go_on(&Suspended { task, wait, fuel })?;
                    continue;
                }
            };
            if kind != TaskKind::Call {
                (self.name, self.values) = (None, Vec::new());
            }
            self.kind = kind;
            run.leave();
            return Ok(());
        }
    }

    fn end(&mut self, status: i32) {
        self.waits = None;
        self.kind = TaskKind::Done;
        self.name = None;
        self.values = Vec::new();
        self.due = None;
        self.status = status;
    }
}

fn over() -> Error {
    Error::new(ErrorKind::Refused, "the task has ended; start another")
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("id", &self.id())
            .field("kind", &self.kind)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
