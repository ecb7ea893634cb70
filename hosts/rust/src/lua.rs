//! A Lua state, as its host uses it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::builder::LuaBuilder;
use crate::chunk::Chunk;
use crate::convert::Arguments;
use crate::engine::Export;
use crate::files::done;
use crate::function::Function;
use crate::host::{Host, HostFunction};
use crate::numbers::option;
use crate::run::Run;
use crate::settings::pages;
use crate::state::{Action, State};
use crate::{Error, ErrorKind, FromLua, FromLuaMulti, IntoLua, IntoLuaMulti, LuaString, Result, Value};

/// Reads what stands under the keys of a sequence. It uses nothing that a script can replace. Where there is no table on the way, the
/// second result is the number of the key that led there.
const GET: &str = "local keys = ... local value = _ENV for i = 1, #keys do \
    if value == nil then return nil, i - 1 end value = value[keys[i]] end return value";

/// Assigns what stands under the keys of a sequence.
const SET: &str = "local keys, new = ... local value = _ENV for i = 1, #keys - 1 do \
    value = value[keys[i]] if value == nil then return i end end value[keys[#keys]] = new";

/// Puts a host function under the keys of a sequence, and makes the tables that lead there.
const DEFINE: &str = "local keys, name = ... local value = _ENV for i = 1, #keys - 1 do \
    if value[keys[i]] == nil then value[keys[i]] = {} end value = value[keys[i]] end \
    value[keys[#keys]] = host.define(name)";

/// A Lua state: globals, coroutines, files and all that belongs to it.
///
/// Clones are the same state; it is closed when the last is dropped. It may go to other threads, and be used by several: each call of
/// the module has it for itself, and host functions run without it, so that they can use the state, too. What a host function
/// captures must not be a clone of its own state, which would keep itself alive then: take a parameter of this type instead.
#[derive(Clone)]
pub struct Lua(Arc<State>);

/// Figures of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// Units of fuel that the last evaluation used.
    pub fuel_used: u64,
    /// Bytes allocated now.
    pub memory_used: u64,
    /// The most bytes that were allocated at once.
    pub memory_peak: u64,
    /// Tasks that are suspended.
    pub tasks: u32,
    /// Functions that the host holds.
    pub handles: u32,
}

/// Cancels the evaluations that run, from any thread.
#[derive(Clone, Debug)]
pub struct Canceller(Arc<AtomicU64>);

impl Canceller {
    /// Cancels every evaluation of the state that has begun: it ends at the end of its slice, with an error of the kind
    /// [`Cancelled`](ErrorKind::Cancelled). Later ones are not affected.
    pub fn cancel(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Lua {
    /// A state with the default options, of Lua 5.4: 64 MiB of memory, no limit on fuel.
    ///
    /// # Errors
    /// As [`LuaBuilder::build`].
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// Options.
    pub fn builder() -> LuaBuilder {
        LuaBuilder::default()
    }

    pub(crate) fn from_state(state: Arc<State>) -> Self {
        Self(state)
    }

    pub(crate) fn state(&self) -> &Arc<State> {
        &self.0
    }

    /// What is made of results.
    pub(crate) fn take<R: FromLuaMulti>(&self, values: Vec<Value>) -> Result<R> {
        R::from_lua_multi(&mut Arguments::new(self.clone(), None, values))
    }

    /// Runs a chunk of source, and waits for its results. Its name is `=eval`; [`load`](Self::load) has others, and arguments.
    ///
    /// ```
    /// let lua = moonlet::Lua::new()?;
    /// let (sum, name): (i64, String) = lua.eval("return 1 + 2, 'three'")?;
    /// assert_eq!((sum, name.as_str()), (3, "three"));
    /// # Ok::<(), moonlet::Error>(())
    /// ```
    ///
    /// # Errors
    /// Any kind; [`ErrorKind`] says of each what it leaves. [`Conversion`](ErrorKind::Conversion) comes after the chunk has run.
    pub fn eval<R: FromLuaMulti>(&self, source: impl AsRef<[u8]>) -> Result<R> {
        self.load(source).eval()
    }

    /// A chunk of source, to be given a name and arguments, and run.
    pub fn load(&self, source: impl AsRef<[u8]>) -> Chunk<'_> {
        Chunk::new(self, source.as_ref())
    }

    /// Calls a function by its path, `"game.on_key"` or `"game.player:jump"`, whose first argument is then the object `game.player`, and waits for
    /// its results.
    ///
    /// # Errors
    /// As [`eval`](Self::eval); [`Runtime`](ErrorKind::Runtime) when there is no such function.
    pub fn call<R: FromLuaMulti>(&self, path: &str, arguments: impl IntoLuaMulti) -> Result<R> {
        self.call_values(Value::String(path.into()), arguments)
    }

    pub(crate) fn call_function<R: FromLuaMulti>(
        &self,
        function: &Function,
        arguments: impl IntoLuaMulti,
    ) -> Result<R> {
        self.call_values(Value::Function(function.clone()), arguments)
    }

    fn call_values<R: FromLuaMulti>(&self, function: Value, arguments: impl IntoLuaMulti) -> Result<R> {
        let action = Action::Call(call(function, arguments)?);
        self.take(Run::new(self)?.finish(&action)?)
    }

    /// What stands under a path from the globals: `"x"`, `"game.player.name"`; nil where the last name is none.
    ///
    /// # Errors
    /// [`Runtime`](ErrorKind::Runtime): there is no table on the way, or a metamethod raised an error;
    /// [`Conversion`](ErrorKind::Conversion).
    pub fn get<R: FromLua>(&self, path: &str) -> Result<R> {
        let (value, missing): (Value, Option<usize>) = self.load(GET).name("=get").call((keys(path),))?;
        match missing {
            Some(key) => Err(no_table(path, key)),
            None => R::from_lua(value).map_err(|error| Error::conversion(format!("{path}: {error}"))),
        }
    }

    /// Assigns what stands under a path from the globals.
    ///
    /// # Errors
    /// As [`get`](Self::get); [`Conversion`](ErrorKind::Conversion) when Lua has no such value.
    pub fn set(&self, path: &str, value: impl IntoLua) -> Result<()> {
        let missing: Option<usize> = self.load(SET).name("=set").call((keys(path), value.into_lua()?))?;
        missing.map_or(Ok(()), |key| Err(no_table(path, key)))
    }

    /// Gives scripts a function of the host, under a path from the globals: `"log"`, `"game.log"`; tables that lead there are made.
    /// One that was there is replaced. An error that it returns is raised in the script, where `pcall` can catch it; see also
    /// [`Raise`](crate::Raise).
    ///
    /// ```
    /// let lua = moonlet::Lua::new()?;
    /// lua.define("add", |a: i64, b: i64| a + b)?;
    /// lua.define("half", |n: i64| if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) })?;
    /// assert_eq!(lua.eval::<i64>("return half(add(1, 3))")?, 2);
    /// assert_eq!(lua.eval::<i64>("return half(3)").unwrap_err().message(), "3 is odd");
    /// # Ok::<(), moonlet::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn define<M>(&self, path: &str, function: impl HostFunction<M>) -> Result<()> {
        self.define_host(path, Host::new(function))
    }

    /// Gives scripts a function that waits for the host: a [`Task`](crate::Task) that calls it is suspended until the host answers, by this process or
    /// another.
    ///
    /// # Errors
    /// As [`define`](Self::define).
    pub fn define_waiting(&self, path: &str) -> Result<()> {
        self.define_host(path, Host::Waits)
    }

    pub(crate) fn define_host(&self, path: &str, function: Host) -> Result<()> {
        self.load(DEFINE).name("=define").call::<()>((keys(path), path))?;
        let replaced = self.0.functions_mut().insert(path.into(), function);
        drop(replaced);
        Ok(())
    }

    /// Units of fuel for each evaluation from now on, also after a restore; 0 is no limit. A suspended task can so be given more.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) beyond 2^53.
    pub fn set_fuel(&self, units: u64) -> Result<()> {
        self.0.with(|machine| self.0.settings.change(machine, option::FUEL, units as f64))
    }

    /// Bytes that the state may allocate from now on, also after a restore; 0 is no limit. The pages that it may reach into are bounded by
    /// twice that.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) beyond 2^53.
    pub fn set_memory(&self, bytes: u64) -> Result<()> {
        self.0.with(|machine| {
            self.0.settings.change(machine, option::MEMORY, bytes as f64)?;
            self.0.settings.change(machine, option::PAGES, pages(bytes))
        })
    }

    /// Figures of the state.
    ///
    /// # Errors
    /// [`Poisoned`](ErrorKind::Poisoned) and [`Closed`](ErrorKind::Closed).
    pub fn stats(&self) -> Result<Stats> {
        self.0.with(|machine| {
            Ok(Stats {
                fuel_used: machine.get(option::FUEL_USED)? as u64,
                memory_used: machine.get(option::MEMORY_USED)? as u64,
                memory_peak: machine.get(option::MEMORY_PEAK)? as u64,
                tasks: machine.get(option::TASKS)? as u32,
                handles: machine.get(option::HANDLES)? as u32,
            })
        })
    }

    /// Collects all garbage; the bytes that are in use then. Objects that no script holds are dropped with the next call.
    ///
    /// # Errors
    /// As [`stats`](Self::stats).
    pub fn compact(&self) -> Result<u64> {
        self.0.with(|machine| machine.compact().map(|bytes| bytes as u64))
    }

    /// Drops globals, tasks and functions, and keeps options, files and host functions, which are defined anew.
    ///
    /// # Errors
    /// As [`stats`](Self::stats).
    pub fn reset(&self) -> Result<()> {
        self.0.reset()?;
        let functions = self.0.functions().clone();
        functions.into_iter().try_for_each(|(path, function)| self.define_host(&path, function))
    }

    /// What cancels evaluations of this state from other threads.
    pub fn canceller(&self) -> Canceller {
        Canceller(self.0.cancelled.clone())
    }

    /// Adds to standard input, which [`LuaBuilder::stream_input`] makes a stream; no bytes are its end.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused): the state has no memory for it.
    pub fn write_input(&self, bytes: &[u8]) -> Result<()> {
        let status = self.0.with(|machine| machine.give(Export::WriteInput, None, bytes))?;
        done(status, "the input")
    }

    /// Closes the state, whoever else has a clone: every use of it and of its functions is an error of the kind
    /// [`Closed`](ErrorKind::Closed) from then on.
    pub fn close(&self) {
        self.0.close();
    }
}

impl fmt::Debug for Lua {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lua")
    }
}

/// The values that `call` takes.
pub(crate) fn call(function: Value, arguments: impl IntoLuaMulti) -> Result<Vec<Value>> {
    let mut values = vec![function];
    values.append(&mut arguments.into_lua_multi()?);
    Ok(values)
}

/// The names of a path.
fn keys(path: &str) -> Vec<LuaString> {
    path.split('.').map(LuaString::from).collect()
}

/// The error for a path on which something is missing.
fn no_table(path: &str, key: usize) -> Error {
    let found: Vec<&str> = path.split('.').take(key).collect();
    Error::new(ErrorKind::Runtime, format!("{path}: there is no {}", found.join(".")))
}
