//! One Lua state: a machine behind a lock, which is held while the module runs and never while the host does.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant, SystemTime};

use crate::builder::LuaBuilder;
use crate::codec::{self, Links};
use crate::engine::Export;
use crate::function::Function;
use crate::host::Host;
use crate::machine::{Info, Machine, ROOM};
use crate::numbers::{library, option, status};
use crate::object::Object;
use crate::settings::{Clock, Settings};
use crate::{Error, ErrorKind, LuaString, Result, Value, nesting};

/// How much longer than its time a call may take before the engine stops it: what cannot be left halfway is to end by itself.
pub const GRACE: Duration = Duration::from_secs(1);

/// Handles that are released at once: with 5 bytes for each their list fits into the room that the machine has for data, so that it needs no
/// memory.
const BATCH: usize = ROOM / 5 - 1;

/// Units of fuel that the `__close` handlers of a task that is cancelled may use.
const FAREWELL: f64 = 1_000_000.0;

pub struct State {
    machine: Mutex<Option<Machine>>,
    /// Handles that the host dropped, to be released with the next call.
    released: Mutex<Vec<u32>>,
    /// Counts restores: handles of an earlier life mean nothing.
    life: AtomicU64,
    /// Counts uses of cancellers.
    pub cancelled: Arc<AtomicU64>,
    functions: RwLock<HashMap<String, Host>>,
    pub settings: Settings,
    /// What a fork is made with, but for the functions.
    pub builder: LuaBuilder,
    started: Instant,
}

/// What a run export is called for.
pub enum Action {
    /// Source, name, arguments.
    Eval(LuaString, String, Vec<Value>),
    /// A path or function, then arguments.
    Call(Vec<Value>),
    /// A task, and what it is answered with; nothing for one that was paused.
    Resume(u32, Vec<Value>),
    /// A task, and what is raised in it.
    Raise(u32, Value),
}

/// What a run left.
pub enum Event {
    Done(Vec<Value>),
    Failed(Error),
    Suspended(Suspended),
}

/// A task that waits.
#[derive(Clone, Debug)]
pub struct Suspended {
    pub task: u32,
    pub wait: Wait,
    /// Units that it used so far.
    pub fuel: f64,
}

/// What a task waits for.
#[derive(Clone, Debug)]
pub enum Wait {
    /// A host call: its name and arguments.
    Call(Vec<Value>),
    Slice,
    Output,
    Input,
}

/// What is done for the host once the lock is free.
#[derive(Default)]
pub struct Aftermath {
    output: Vec<u8>,
    errors: Vec<u8>,
    /// Objects that Lua let go of, whose `Drop` is the host's code.
    objects: Vec<Object>,
}

/// The state and its life, as the codec needs them.
struct Linked<'a> {
    state: &'a Arc<State>,
    life: u64,
    received: bool,
    objects: &'a mut crate::object::Objects,
}

impl Links for Linked<'_> {
    fn handle(&mut self, function: &Function) -> Result<u32> {
        function.handle(self.state, self.life)
    }

    fn number(&mut self, object: &Object) -> u32 {
        self.objects.number(object)
    }

    fn function(&mut self, handle: u32) -> Function {
        Function::new(self.state, self.life, handle, self.received)
    }

    fn object(&mut self, number: u32) -> Object {
        self.objects.object(number)
    }
}

impl State {
    pub fn new(
        machine: Machine,
        settings: Settings,
        builder: LuaBuilder,
        functions: HashMap<String, Host>,
    ) -> Self {
        Self {
            machine: Mutex::new(Some(machine)),
            released: Mutex::default(),
            life: AtomicU64::new(0),
            cancelled: Arc::default(),
            functions: RwLock::new(functions),
            settings,
            builder,
            started: Instant::now(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Machine>> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the machine.
    pub fn with<T>(&self, work: impl FnOnce(&mut Machine) -> Result<T>) -> Result<T> {
        work(self.lock().as_mut().ok_or_else(Error::closed)?)
    }

    /// Drops the machine. What it held for Lua is dropped once the lock is free.
    pub fn close(&self) {
        let machine = self.lock().take();
        drop(machine);
        let functions = std::mem::take(&mut *self.functions_mut());
        drop(functions);
    }

    /// The host functions, by the names that scripts ask by.
    pub fn functions(&self) -> RwLockReadGuard<'_, HashMap<String, Host>> {
        self.functions.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// As [`functions`](Self::functions), to be changed. What is taken out is dropped once the lock is free.
    pub fn functions_mut(&self) -> RwLockWriteGuard<'_, HashMap<String, Host>> {
        self.functions.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often the state was restored or reset.
    pub fn life(&self) -> u64 {
        self.life.load(Ordering::Relaxed)
    }

    /// Refuses what is meant for a task of an earlier life: in this one its number may be another's.
    fn check_life(&self, life: u64) -> Result<()> {
        if life == self.life() {
            return Ok(());
        }
        let message = "the script was running before the state's restore or reset, which ended it; Lua::tasks has those of now";
        Err(Error::new(ErrorKind::Refused, message).with_status(status::BAD_ARGUMENT))
    }

    /// Begins another life, after a restore: no handle of the one before is in force.
    pub fn begin_life(&self) {
        self.life.fetch_add(1, Ordering::Relaxed);
        self.released.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Notes a handle that is to be released.
    pub fn release_later(&self, life: u64, id: u32) {
        let mut released = self.released.lock().unwrap_or_else(PoisonError::into_inner);
        if life == self.life() {
            released.push(id);
        }
    }

    /// Releases what the host dropped.
    fn release(&self, machine: &mut Machine) -> Result<()> {
        let mut released = self.released.lock().unwrap_or_else(PoisonError::into_inner);
        while !released.is_empty() {
            let rest = released.len().saturating_sub(BATCH);
            let mut data = Vec::new();
            codec::array(&mut data, released.len() - rest)?;
            for id in &released[rest..] {
                codec::integer(&mut data, i64::from(*id));
            }
            machine.give(Export::Release, None, &data)?;
            released.truncate(rest);
        }
        Ok(())
    }

    /// Tells the module what time it is.
    fn tell_time(&self, machine: &mut Machine) -> Result<()> {
        if let Clock::System = self.settings.clock
            && machine.holds(library::OS)
        {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            machine.set(option::CLOCK, now.as_secs_f64())?;
            machine.set(option::MONOTONIC, self.started.elapsed().as_secs_f64())?;
        }
        Ok(())
    }

    /// Does what an action says, until the task ends or waits, and for at most so long.
    ///
    /// An error is a refusal, and nothing ran, as when it is meant for a life of the state that is over; or the state is poisoned or closed.
    /// What comes with the event is to be [delivered](Self::deliver).
    pub fn step(
        self: &Arc<Self>,
        action: &Action,
        life: u64,
        time: Option<Duration>,
    ) -> (Result<Event>, Aftermath) {
        let mut after = Aftermath::default();
        let event = self.with(|machine| {
            self.check_life(life)?;
            self.release(machine)?;
            self.tell_time(machine)?;
            let answer = self.run(machine, action, life, time);
            let refused = answer.as_ref().map_or(true, |answer| *answer <= -status::BAD_ARGUMENT);
            after.objects = machine.objects.settle(refused);
            let answer = answer?;
            let info = machine.info()?;
            let event = self.read(machine, &info, answer, life);
            self.clean(machine, &info, &mut after)?;
            event
        });
        (event, after)
    }

    /// Does what is the host's: takes output, drops objects. `depth` is how deep in host functions the task was begun.
    pub fn deliver(&self, after: Aftermath, depth: u32) {
        nesting::at(depth, || {
            self.settings.deliver(&after.output, &after.errors);
            drop(after.objects);
        });
    }

    /// Calls the run export.
    fn run(
        self: &Arc<Self>,
        machine: &mut Machine,
        action: &Action,
        life: u64,
        time: Option<Duration>,
    ) -> Result<i32> {
        let mut data = Vec::with_capacity(64);
        let links = &mut Linked { state: self, life, received: true, objects: &mut machine.objects };
        let (export, task) = match action {
            Action::Eval(source, name, arguments) => {
                codec::array(&mut data, 2 + arguments.len())?;
                codec::string(&mut data, source.as_bytes())?;
                codec::string(&mut data, name.as_bytes())?;
                values(&mut data, arguments, links)?;
                (Export::Eval, None)
            }
            Action::Call(arguments) => {
                codec::array(&mut data, arguments.len())?;
                values(&mut data, arguments, links)?;
                (Export::Call, None)
            }
            Action::Resume(task, results) => {
                if !results.is_empty() {
                    codec::array(&mut data, results.len())?;
                    values(&mut data, results, links)?;
                }
                (Export::Resume, Some(*task))
            }
            Action::Raise(task, error) => {
                codec::encode(&mut data, error, links)?;
                (Export::Raise, Some(*task))
            }
        };
        machine.instance().limit_time(time.map(|time| time + GRACE));
        let answer = machine.give(export, task, &data);
        machine.instance().limit_time(None);
        answer
    }

    /// What a run left, read out of the instance.
    fn read(self: &Arc<Self>, machine: &mut Machine, info: &Info, answer: i32, life: u64) -> Result<Event> {
        let number = if answer < 0 { -answer } else { status::OK };
        let exit_code = if number == status::EXIT { Some(machine.get(option::EXIT_CODE)?) } else { None };
        // The objects are taken out while the result, which is the machine's, is read.
        let mut objects = std::mem::take(&mut machine.objects);
        let links = &mut Linked { state: self, life, received: true, objects: &mut objects };
        let wait = match number {
            status::PAUSED => Ok(Some(Wait::Slice)),
            status::OUTPUT => Ok(Some(Wait::Output)),
            status::INPUT => Ok(Some(Wait::Input)),
            status::YIELD => machine
                .result(info)
                .and_then(|bytes| codec::decode_array(&bytes, links))
                .map(|request| Some(Wait::Call(request))),
            _ => Ok(None),
        };
        let event = wait.and_then(|wait| match (wait, number) {
            (Some(wait), _) => {
                Ok(Event::Suspended(Suspended { task: info.task(), wait, fuel: info.fuel_used() }))
            }
            (None, status::OK) => {
                machine.result(info).and_then(|bytes| codec::decode_array(&bytes, links)).map(Event::Done)
            }
            (None, _) => {
                let mut error = Error::from_status(number, &told(&machine.result(info)?, links));
                if number == status::POISONED {
                    error = Error::still_poisoned();
                }
                if let Some(code) = exit_code {
                    error = error.with_exit_code(code as i32);
                }
                if number >= status::BAD_ARGUMENT { Err(error) } else { Ok(Event::Failed(error)) }
            }
        });
        machine.objects = objects;
        event
    }

    /// Takes the output, and hears of the objects that Lua dropped.
    fn clean(self: &Arc<Self>, machine: &mut Machine, info: &Info, after: &mut Aftermath) -> Result<()> {
        if info.output_len() > 0 {
            after.output = machine.take_output(info)?;
        }
        if info.error_output_len() > 0 {
            after.errors = machine.take_error_output(info)?;
        }
        if info.dropped() > 0 && machine.call(Export::Dropped, [0; 4])? >= 0 {
            let info = machine.info()?;
            let numbers = machine.result(&info)?;
            let mut objects = std::mem::take(&mut machine.objects);
            let links = &mut Linked { state: self, life: 0, received: false, objects: &mut objects };
            let numbers = codec::decode_array(&numbers, links);
            for number in numbers.unwrap_or_default() {
                if let Value::Integer(number) = number {
                    after
                        .objects
                        .extend(u32::try_from(number).ok().and_then(|number| objects.forget(number)));
                }
            }
            machine.objects = objects;
        }
        Ok(())
    }

    /// Ends a task that is suspended. Its `__close` handlers run, with little fuel.
    pub fn cancel(self: &Arc<Self>, task: u32, life: u64, used: f64) -> Result<()> {
        let mut after = Aftermath::default();
        let answer = self.with(|machine| {
            self.check_life(life)?;
            self.release(machine)?;
            let fuel = machine.get(option::FUEL)?;
            let enough = used + FAREWELL;
            machine.set(option::FUEL, if fuel == 0.0 { enough } else { fuel.min(enough) })?;
            machine.instance().limit_time(Some(GRACE));
            let answer = machine.call(Export::Cancel, [task, 0, 0, 0]);
            machine.instance().limit_time(None);
            let answer = answer?;
            machine.set(option::FUEL, fuel)?;
            let info = machine.info()?;
            self.clean(machine, &info, &mut after)?;
            Ok(answer)
        });
        self.deliver(after, nesting::depth());
        match answer? {
            status::BAD_ARGUMENT => {
                Err(Error::new(ErrorKind::Refused, "the task is over").with_status(status::BAD_ARGUMENT))
            }
            _ => Ok(()),
        }
    }

    /// A list that the module makes: of its tasks, of its files, or of what a task asks for.
    pub fn list(self: &Arc<Self>, export: Export, argument: u32) -> Result<Vec<Value>> {
        self.with(|machine| {
            let answer = machine.call(export, [argument, 0, 0, 0])?;
            let info = machine.info()?;
            let bytes = machine.result(&info)?;
            let life = self.life();
            let links = &mut Linked { state: self, life, received: false, objects: &mut machine.objects };
            match -answer {
                number if number <= status::YIELD => codec::decode_array(&bytes, links),
                number => Err(Error::from_status(number, &told(&bytes, links))),
            }
        })
    }
}

/// What is told of an error: a map, or plain text by a poisoned instance, by a task of a host that takes text, and by exports that are no runs.
fn told(bytes: &[u8], links: &mut Linked<'_>) -> Value {
    let text = |_| Value::Map([(Value::from("message"), Value::from(bytes))].into_iter().collect());
    codec::decode(bytes, links).unwrap_or_else(text)
}

/// Adds values.
fn values(data: &mut Vec<u8>, values: &[Value], links: &mut Linked<'_>) -> Result<()> {
    values.iter().try_for_each(|value| codec::encode(data, value, links))
}
