//! Options of a state.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::engine::{Engine, Version};
use crate::host::Functions;
use crate::machine::Machine;
use crate::numbers::{library, option};
use crate::object::Objects;
use crate::settings::{Clock, Settings, Sink, Source, pages};
use crate::state::State;
use crate::{Error, ErrorKind, Lua, Result};

/// Bytes of output that the state holds before it hands them over.
const OUTPUT: f64 = 65_536.0;

/// Libraries of Lua, which [`LuaBuilder::libraries`] takes together by `|`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Libraries(u32);

#[allow(missing_docs, reason = "they are called as in Lua")]
impl Libraries {
    pub const BASE: Self = Self(library::BASE);
    pub const PACKAGE: Self = Self(library::PACKAGE);
    pub const COROUTINE: Self = Self(library::COROUTINE);
    pub const DEBUG: Self = Self(library::DEBUG);
    pub const IO: Self = Self(library::IO);
    pub const MATH: Self = Self(library::MATH);
    pub const OS: Self = Self(library::OS);
    pub const STRING: Self = Self(library::STRING);
    pub const TABLE: Self = Self(library::TABLE);
    pub const UTF8: Self = Self(library::UTF8);
    pub const MSGPACK: Self = Self(library::MSGPACK);
    pub const HOST: Self = Self(library::HOST);
    /// All of `debug`, with which a script can break its state, though nothing outside of it.
    pub const DEBUG_FULL: Self = Self(library::DEBUG_FULL);
    /// Everything but [`DEBUG_FULL`](Self::DEBUG_FULL).
    pub const SAFE: Self = Self(library::DEBUG_FULL - 1);
}

impl std::ops::BitOr for Libraries {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Options of a [`Lua`] state. 0 means no limit.
#[derive(Clone)]
#[must_use]
pub struct LuaBuilder {
    engine: Option<Engine>,
    version: Version,
    memory: u64,
    fuel: u64,
    slice: u64,
    result: u64,
    host_calls: u64,
    tasks: u32,
    libraries: Libraries,
    nesting: u32,
    seed: Option<u64>,
    clock: Clock,
    time_zone: Option<String>,
    timeout: Option<Duration>,
    nulls: bool,
    finalizers: bool,
    binary_chunks: bool,
    output: Option<Sink>,
    error_output: Option<Sink>,
    input: Option<Source>,
    streamed: bool,
    functions: Functions,
}

impl Default for LuaBuilder {
    fn default() -> Self {
        Self {
            engine: None,
            version: Version::default(),
            memory: 64 << 20,
            fuel: 0,
            slice: 1_000_000,
            result: 0,
            host_calls: 0,
            tasks: 10_000,
            libraries: Libraries::SAFE,
            nesting: 16,
            seed: None,
            clock: Clock::System,
            time_zone: None,
            timeout: None,
            nulls: false,
            finalizers: true,
            binary_chunks: false,
            output: None,
            error_output: None,
            input: None,
            streamed: false,
            functions: Functions::new(),
        }
    }
}

impl LuaBuilder {
    /// The engine; by default [`Engine::shared`] of the version.
    pub fn engine(mut self, engine: &Engine) -> Self {
        self.engine = Some(engine.clone());
        self
    }

    /// Which Lua, where no engine is named; 5.4 by default.
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Bytes that all that the state allocates may take; 64 MiB by default. The pages that it may reach into are bounded by twice
    /// that.
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = bytes;
        self
    }

    /// Units of fuel for each evaluation or call from the host; one is about an instruction of Lua. No limit by default. One that
    /// is made within a host function has its own.
    pub fn fuel(mut self, units: u64) -> Self {
        self.fuel = units;
        self
    }

    /// Units of fuel after which a script lets the host in: to look at the time, at cancellers, or, in asynchronous calls, to let
    /// other tasks of the executor run. 1,000,000 by default, some 10 ms.
    pub fn slice(mut self, units: u64) -> Self {
        self.slice = units;
        self
    }

    /// Bytes that a result may have. No limit by default.
    pub fn result(mut self, bytes: u64) -> Self {
        self.result = bytes;
        self
    }

    /// How many host functions an evaluation may call. No limit by default.
    pub fn host_calls(mut self, count: u64) -> Self {
        self.host_calls = count;
        self
    }

    /// How many tasks may be suspended before no other starts; 10,000 by default.
    pub fn tasks(mut self, count: u32) -> Self {
        self.tasks = count;
        self
    }

    /// Which libraries scripts have; [`Libraries::SAFE`] by default. Functions of the host need [`Libraries::HOST`].
    pub fn libraries(mut self, libraries: Libraries) -> Self {
        self.libraries = libraries;
        self
    }

    /// How many evaluations may run within host functions that one another's scripts called; 16 by default. Each takes stack of the
    /// thread.
    pub fn nesting(mut self, count: u32) -> Self {
        self.nesting = count;
        self
    }

    /// The seed of `math.random` and of hashing; by default the system's entropy.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Lets the time stand still at so many seconds since 1970; by default it is the system's.
    pub fn clock(mut self, seconds: f64) -> Self {
        self.clock = Clock::Fixed(seconds);
        self
    }

    /// The time zone as a TZ string of POSIX, such as `CET-1CEST,M3.5.0,M10.5.0/3`; UTC by default.
    pub fn time_zone(mut self, zone: impl Into<String>) -> Self {
        self.time_zone = Some(zone.into());
        self
    }

    /// Seed, clock and time zone fixed: equal runs give equal bytes.
    pub fn deterministic(self) -> Self {
        self.seed(0).clock(0.0).time_zone("UTC0")
    }

    /// How long an evaluation may take, its host functions included: it is looked at after each slice and each host call, and ends the
    /// script with an error of the kind [`Cancelled`](ErrorKind::Cancelled). A call that still does not come back within a second
    /// more is torn down by the engine, and the state is poisoned. No limit by default.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }

    /// Whether nil within arrays and maps arrives in Lua as `host.null`, a value; otherwise it is a hole, or no entry.
    pub fn nulls(mut self, nulls: bool) -> Self {
        self.nulls = nulls;
        self
    }

    /// Whether `setmetatable` heeds `__gc`; true by default.
    pub fn finalizers(mut self, finalizers: bool) -> Self {
        self.finalizers = finalizers;
        self
    }

    /// Whether `load` takes precompiled chunks, which can break the state, though nothing outside of it. False by default.
    pub fn binary_chunks(mut self, binary_chunks: bool) -> Self {
        self.binary_chunks = binary_chunks;
        self
    }

    /// Takes what scripts print, piece by piece; by default it goes to the process's standard output.
    pub fn output(mut self, output: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        self.output = Some(Arc::new(output));
        self
    }

    /// Takes what scripts write to `io.stderr`, and warnings; by default it goes to the process's standard error.
    pub fn error_output(mut self, output: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        self.error_output = Some(Arc::new(output));
        self
    }

    /// Gives a piece of standard input to a script that waits for it; `None`, or one without bytes, is the end. Without it standard input is empty, or
    /// the file `/dev/stdin`.
    pub fn input(mut self, input: impl Fn() -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        self.input = Some(Arc::new(input));
        self.streamed = true;
        self
    }

    /// Makes standard input a stream that [`Lua::write_input`] adds to: a [`Task`](crate::Task) that reads more than there is waits.
    pub fn stream_input(mut self) -> Self {
        self.streamed = true;
        self
    }

    /// Host functions that the state has from the start, also one that is restored.
    pub fn functions(mut self, functions: &Functions) -> Self {
        self.functions.0.extend(functions.0.iter().map(|(path, function)| (path.clone(), function.clone())));
        self
    }

    /// A new state. On an engine with a [start](crate::engine::EngineBuilder::start) libraries and seed are that state's.
    ///
    /// # Errors
    /// [`Engine`](ErrorKind::Engine): the engine cannot be had, or has no room. [`Refused`](ErrorKind::Refused): an option has a value
    /// that it cannot have.
    pub fn build(self) -> Result<Lua> {
        let functions = self.functions.clone();
        let lua = self.bare(true)?;
        for (path, function) in functions.0 {
            lua.define_host(&path, function)?;
        }
        Ok(lua)
    }

    /// A new state that is what another was when its snapshot was taken, on any host in any language. The options of this builder
    /// hold, but for libraries and seed, which come along. Host functions are found by their names; the globals are as they
    /// were.
    ///
    /// # Errors
    /// As [`build`](Self::build), and [`Snapshot`](ErrorKind::Snapshot): the bytes are none of this build.
    pub fn restore(self, snapshot: &[u8]) -> Result<Lua> {
        let lua = self.bare(false)?;
        lua.restore(snapshot)?;
        Ok(lua)
    }

    /// A state with host functions that no global names yet.
    pub(crate) fn bare(self, new: bool) -> Result<Lua> {
        let engine = match &self.engine {
            Some(engine) => engine.clone(),
            None => Engine::shared(self.version)?,
        };
        let started = engine.started();
        let mut machine = Machine::new(engine.instantiate()?)?;
        let mut builder = self.clone();
        builder.engine = Some(engine);
        let functions = std::mem::take(&mut builder.functions.0);
        let settings = self.settings()?;
        if started {
            machine.objects = Objects::starting_at(RandomState::new().hash_one(0) as u32);
        }
        match (new, started) {
            (true, false) => settings.begin(&mut machine)?,
            (true, true) => settings.apply(&mut machine)?,
            (false, _) => {}
        }
        Ok(Lua::from_state(Arc::new(State::new(machine, settings, builder, functions))))
    }

    fn settings(self) -> Result<Settings> {
        let seed = self.seed.unwrap_or_else(|| RandomState::new().hash_one(0));
        let flag = |on: bool| f64::from(u8::from(on));
        let number = |name: &str, value: u64| {
            // The module's numbers are floats; beyond 2^53 they are not exact.
            if value < 1 << 53 { Ok(value as f64) } else { Err(too_large(name, value)) }
        };
        let mut first = vec![
            (option::SEED_LOW, f64::from(seed as u32)),
            (option::SEED_HIGH, f64::from((seed >> 32) as u32)),
        ];
        // A module starts with those of the safe ones that it holds.
        if self.libraries != Libraries::SAFE {
            first.push((option::LIBRARIES, f64::from(self.libraries.0)));
        }
        Ok(Settings {
            options: Mutex::new(vec![
                (option::FORMAT, 1.0),
                (option::MEMORY, number("memory", self.memory)?),
                (option::PAGES, pages(self.memory)),
                (option::FUEL, number("fuel", self.fuel)?),
                (option::SLICE, number("slice", self.slice)?),
                (option::OUTPUT, OUTPUT),
                (option::RESULT, number("result", self.result)?),
                (option::HOST_CALLS, number("host_calls", self.host_calls)?),
                (option::TASKS_LIMIT, f64::from(self.tasks)),
                (option::STRINGS, 0.0),
                (option::NULLS, flag(self.nulls)),
                (option::INPUT, flag(self.streamed)),
                (option::ERROR_OUTPUT, 1.0),
                (option::FINALIZERS, flag(self.finalizers)),
                (option::BINARY_CHUNKS, flag(self.binary_chunks)),
            ]),
            first,
            time_zone: self.time_zone,
            clock: self.clock,
            timeout: self.timeout,
            nesting: self.nesting,
            output: self.output,
            error_output: self.error_output,
            input: self.input,
        })
    }
}

fn too_large(name: &str, value: u64) -> Error {
    Error::new(ErrorKind::Refused, format!("{name} cannot be {value}; 0 means no limit"))
}

impl fmt::Debug for LuaBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LuaBuilder")
            .field("memory", &self.memory)
            .field("fuel", &self.fuel)
            .field("functions", &self.functions)
            .finish_non_exhaustive()
    }
}
