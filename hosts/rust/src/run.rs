//! The loop that drives a task to its end: it answers host calls, and goes on after pauses.

use std::error::Error as StdError;
use std::hash::RandomState;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crate::convert::Arguments;
use crate::error::{BoxError, Raise};
use crate::host::{Host, Outcome};
use crate::object::{Member, Object};
use crate::state::{Action, Event, State, Suspended, Wait};
use crate::{Error, ErrorKind, Lua, Result, Value, nesting};

/// A task on its way, from the host's call to its end.
pub struct Run {
    pub lua: Lua,
    /// Which of the lives of the state the task belongs to.
    life: u64,
    deadline: Option<Instant>,
    /// The uses of cancellers that there had been when it began.
    cancelled: u64,
    /// How deep in host functions it was begun.
    depth: u32,
    /// The task, while it is suspended. One that is left so is cancelled, as when the host panics or drops a future.
    suspended: Option<(u32, f64)>,
    /// The last error of a host function, and what was raised for it.
    raised: Option<(Value, Arc<dyn StdError + Send + Sync>)>,
}

/// What a host call is answered by.
pub enum Reply {
    /// This outcome.
    Now(Outcome),
    /// The outcome of this future.
    #[cfg(feature = "async")]
    Later(crate::host::Later),
    /// Whoever stepped the task.
    Wait(String, Vec<Value>),
}

impl Drop for Run {
    fn drop(&mut self) {
        if let Some((task, fuel)) = self.suspended.take() {
            // A state that was closed or torn down has no task to be ended.
            let cancel = || drop(self.lua.state().cancel(task, self.life, fuel));
            if thread::panicking() {
                // Its handlers may print, and what takes that may be what panics: a second time would end the process.
                let _ = panic::catch_unwind(AssertUnwindSafe(cancel));
            } else {
                cancel();
            }
        }
    }
}

impl Run {
    /// Begins, unless too many run within each other.
    pub fn new(lua: &Lua) -> Result<Self> {
        let state = lua.state();
        nesting::check(state.settings.nesting)?;
        Ok(Self {
            lua: lua.clone(),
            life: state.life(),
            deadline: state.settings.timeout.map(|time| Instant::now() + time),
            cancelled: state.cancelled.load(Ordering::Relaxed),
            depth: nesting::depth(),
            suspended: None,
            raised: None,
        })
    }

    fn state(&self) -> &Arc<State> {
        self.lua.state()
    }

    /// What is left of the time; `None` is no limit.
    fn time(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Takes a step, and notes where it left the task.
    pub fn step(&mut self, action: &Action) -> Result<Event> {
        let (event, after) = self.state().step(action, self.life, self.time());
        match &event {
            Ok(Event::Suspended(suspended)) => self.suspended = Some((suspended.task, suspended.fuel)),
            Ok(Event::Done(_) | Event::Failed(_)) => self.suspended = None,
            Err(_) => {}
        }
        // It may panic, so where the task stands is noted before.
        self.state().deliver(after, self.depth);
        Ok(match event? {
            Event::Suspended(suspended) => match self.check() {
                Ok(()) => Event::Suspended(suspended),
                Err(error) => {
                    self.cancel()?;
                    Event::Failed(error)
                }
            },
            Event::Failed(error) => Event::Failed(self.explain(error)),
            done => done,
        })
    }

    /// Whether the task may go on.
    fn check(&self) -> Result<()> {
        if self.cancelled != self.state().cancelled.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::Cancelled, "the host cancelled the script"));
        }
        if let (Some(Duration::ZERO), Some(time)) = (self.time(), self.state().settings.timeout) {
            return Err(Error::new(ErrorKind::Cancelled, format!("the script's time of {time:?} is up")));
        }
        Ok(())
    }

    /// Ends the task.
    pub fn cancel(&mut self) -> Result<()> {
        match self.suspended.take() {
            Some((task, fuel)) => self.state().cancel(task, self.life, fuel),
            None => Ok(()),
        }
    }

    /// Lets the task wait on: somebody else will take it up.
    pub fn leave(&mut self) {
        self.suspended = None;
    }

    /// Takes up a task of a life that waits, with the fuel that it used.
    pub fn take_up(&mut self, task: u32, life: u64, fuel: f64) {
        self.life = life;
        self.suspended = Some((task, fuel));
    }

    /// Whether the host gives input by itself.
    pub fn has_input(&self) -> bool {
        self.state().settings.input.is_some()
    }

    /// Puts the host's own error beside what the script ended with, if that is the one.
    fn explain(&mut self, error: Error) -> Error {
        let hasher = RandomState::new();
        let is_it = |raised: &Value| match (error.value(), raised) {
            (Some(value), raised) => value.fingerprint(&hasher) == raised.fingerprint(&hasher),
            (None, Value::String(text)) => text.to_string_lossy() == error.message(),
            (None, _) => false,
        };
        match self.raised.take() {
            Some((raised, source)) if is_it(&raised) => error.with_source(source),
            _ => error,
        }
    }

    /// Goes on after a pause of any kind.
    pub fn go_on(&mut self, suspended: &Suspended) -> Result<Event> {
        if let Wait::Input = suspended.wait {
            let piece =
                self.state().settings.input.as_ref().and_then(|input| nesting::at(self.depth, || input()));
            self.lua.write_input(&piece.unwrap_or_default())?;
        }
        self.step(&Action::Resume(suspended.task, Vec::new()))
    }

    /// Goes on with the outcome of a host call, if the time that it took allows. What cannot be handed over is raised instead.
    pub fn answer(&mut self, task: u32, outcome: Outcome) -> Result<Event> {
        if let Err(error) = self.check() {
            self.cancel()?;
            return Ok(Event::Failed(error));
        }
        let refused = match outcome {
            Ok(values) => match self.step(&Action::Resume(task, values)) {
                Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Conversion) => {
                    error.into()
                }
                event => return event,
            },
            Err(error) => error,
        };
        let (value, source) = raised(refused);
        self.raised = Some((value.clone(), source));
        match self.step(&Action::Raise(task, value)) {
            Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Conversion) => {
                let message = Value::String(error.message().into());
                self.step(&Action::Raise(task, message))
            }
            event => event,
        }
    }

    /// Whether a request is one that the host answers itself, in its own time.
    pub fn is_waiting(&self, request: &[Value]) -> bool {
        match request {
            [Value::String(name), Value::Object(_), ..] if name.as_bytes().starts_with(b"__") => false,
            [Value::String(name), ..] => {
                matches!(self.state().functions().get(&*name.to_string_lossy()), None | Some(Host::Waits))
            }
            _ => false,
        }
    }

    /// What a request asks for, called at once when it can be.
    pub fn reply(&self, request: Vec<Value>) -> Reply {
        let mut request = request.into_iter();
        let name = match request.next() {
            Some(Value::String(name)) => name.to_string_lossy().into_owned(),
            other => {
                let kind = other.unwrap_or_default();
                let message = format!("host.call takes a function's name first, not a {}", kind.type_name());
                return Reply::Now(Err(message.into()));
            }
        };
        let arguments: Vec<Value> = request.collect();
        if let [Value::Object(object), rest @ ..] = &arguments[..]
            && name.starts_with("__")
        {
            return self.use_object(&name, &object.clone(), rest.to_vec());
        }
        let found = self.state().functions().get(&name).cloned();
        match found {
            Some(host) => self.invoke(host, name, arguments),
            None => Reply::Wait(name, arguments),
        }
    }

    /// Does with an object what a script does with it.
    fn use_object(&self, what: &str, object: &Object, arguments: Vec<Value>) -> Reply {
        let key = arguments.first().cloned().unwrap_or_default();
        let class = object.class_name().to_string();
        let found = match what {
            "__call" => object.call().map(|(host, of_class)| {
                let itself = of_class.then(|| Value::Object(object.clone()));
                (host, class, itself.into_iter().chain(arguments).collect())
            }),
            "__index" => match object.index(&key) {
                Ok(Member::Method(method)) => return Reply::Now(Ok(vec![Value::Object(method)])),
                Ok(Member::Field(getter)) => Ok((getter, class, vec![Value::Object(object.clone())])),
                Err(error) => Err(error),
            },
            "__newindex" => object.assign(&key).map(|setter| {
                let value = arguments.into_iter().nth(1).unwrap_or_default();
                (setter, class, vec![Value::Object(object.clone()), value])
            }),
            _ => Err(Error::conversion(format!("objects of the host know no {what}"))),
        };
        match found {
            Ok((host, name, arguments)) => self.invoke(host, name, arguments),
            Err(error) => Reply::Now(Err(error.into())),
        }
    }

    fn invoke(&self, host: Host, name: String, values: Vec<Value>) -> Reply {
        match host {
            Host::Now(function) => {
                let arguments = Arguments::new(self.lua.clone(), Some(name), values);
                Reply::Now(nesting::at(self.depth, || function(arguments)))
            }
            #[cfg(feature = "async")]
            Host::Later(function) => {
                let arguments = Arguments::new(self.lua.clone(), Some(name), values);
                let depth = self.depth;
                let mut future = nesting::at(depth, || function(arguments));
                Reply::Later(Box::pin(std::future::poll_fn(move |context| {
                    nesting::at(depth, || future.as_mut().poll(context))
                })))
            }
            Host::Waits => Reply::Wait(name, values),
        }
    }

    /// Drives a task to its end on this thread.
    pub fn finish(mut self, action: &Action) -> Result<Vec<Value>> {
        let mut event = self.step(action)?;
        loop {
            event = match event {
                Event::Done(values) => return Ok(values),
                Event::Failed(error) => return Err(error),
                Event::Suspended(Suspended { task, wait: Wait::Call(request), .. }) => {
                    let outcome = match self.reply(request) {
                        Reply::Now(outcome) => outcome,
                        #[cfg(feature = "async")]
                        Reply::Later(_) => Err(asynchronous()),
                        Reply::Wait(name, _) => Err(self.unanswered(&name)),
                    };
                    self.answer(task, outcome)?
                }
                Event::Suspended(suspended) => self.go_on(&suspended)?,
            };
        }
    }

    /// The error for a host call that nobody answers here.
    pub fn unanswered(&self, name: &str) -> BoxError {
        if self.state().functions().contains_key(name) {
            format!("'{name}' waits for the host; run the script as a task, by Lua::start").into()
        } else {
            format!("the host has no function '{name}'; give it one by Lua::define").into()
        }
    }
}

/// The error for an asynchronous function where nothing can wait for it.
#[cfg(feature = "async")]
pub fn asynchronous() -> BoxError {
    "the host function is asynchronous; run the script by an asynchronous call, such as Lua::eval_async"
        .into()
}

/// What is raised for an error of the host, and the error.
pub fn raised(error: BoxError) -> (Value, Arc<dyn StdError + Send + Sync>) {
    let value = if let Some(Raise(value)) = error.downcast_ref() {
        value.clone()
    } else if let Some(value) = error.downcast_ref().and_then(Error::value) {
        value.clone()
    } else {
        Value::String(error.to_string().into())
    };
    (value, error.into())
}
