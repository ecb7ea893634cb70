//! WebAssembly engines: compile the module once, make an instance for each state.

mod exports;
#[cfg(any(feature = "wasmi", feature = "wasmtime"))]
mod image;
#[cfg(any(feature = "wasmi", feature = "wasmtime"))]
mod typed;
#[cfg(feature = "wasmi")]
mod wasmi;
#[cfg(feature = "wasmtime")]
mod wasmtime;

#[cfg(any(feature = "wasmi", feature = "wasmtime"))]
use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use self::exports::Export;
use crate::{Error, ErrorKind, Result};

/// `lua54.wasm`, as this crate holds it.
pub static LUA54: &[u8] = include_bytes!(env!("MOONLET_LUA54"));
/// `lua55.wasm`, as this crate holds it.
pub static LUA55: &[u8] = include_bytes!(env!("MOONLET_LUA55"));

/// `lua54-mini.wasm`, as this crate holds it.
#[cfg(feature = "mini")]
pub static LUA54_MINI: &[u8] = include_bytes!(env!("MOONLET_LUA54_MINI"));
/// `lua55-mini.wasm`, as this crate holds it.
#[cfg(feature = "mini")]
pub static LUA55_MINI: &[u8] = include_bytes!(env!("MOONLET_LUA55_MINI"));

/// The engines that states share, one of each version.
static SHARED: [OnceLock<Result<Engine>>; 4] = [const { OnceLock::new() }; 4];

/// The ABI's major version.
const ABI: i32 = 1;

/// A version of Lua, and so a module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Version {
    /// Lua 5.4.
    #[default]
    Lua54,
    /// Lua 5.5.
    Lua55,
    /// Lua 5.4 without files, clocks, standard input and the libraries that need them, `debug` and `msgpack`: a smaller module.
    #[cfg(feature = "mini")]
    Lua54Mini,
    /// The same of Lua 5.5.
    #[cfg(feature = "mini")]
    Lua55Mini,
}

impl Version {
    /// The module's bytes.
    pub fn module(self) -> &'static [u8] {
        match self {
            Self::Lua54 => LUA54,
            Self::Lua55 => LUA55,
            #[cfg(feature = "mini")]
            Self::Lua54Mini => LUA54_MINI,
            #[cfg(feature = "mini")]
            Self::Lua55Mini => LUA55_MINI,
        }
    }

    /// The hash of the module, taken when this crate was built.
    #[cfg(feature = "wasmtime")]
    fn digest(self) -> &'static str {
        match self {
            Self::Lua54 => env!("MOONLET_LUA54_DIGEST"),
            Self::Lua55 => env!("MOONLET_LUA55_DIGEST"),
            #[cfg(feature = "mini")]
            Self::Lua54Mini => env!("MOONLET_LUA54_MINI_DIGEST"),
            #[cfg(feature = "mini")]
            Self::Lua55Mini => env!("MOONLET_LUA55_MINI_DIGEST"),
        }
    }
}

/// A call of an export that the engine tore down, and why. The instance is poisoned from then on.
#[derive(Clone, Debug)]
pub struct Trap(pub String);

/// A compiled module, which makes instances. Implement it, and [`Instance`], to bring an engine of your own to [`Engine::custom`].
pub trait Module: Send + Sync {
    /// A new instance, with memory of its own.
    fn instantiate(&self) -> Result<Box<dyn Instance>>;
}

/// An instance of the module, as ABI.md describes it: exports and memory, nothing of Lua.
pub trait Instance: Send {
    /// Calls an export with as many of the arguments as it takes; 0 where it answers nothing.
    fn call(&mut self, export: Export, arguments: [u32; 4]) -> Result<i32, Trap>;
    /// The export `set`.
    fn set(&mut self, key: u32, value: f64) -> Result<i32, Trap>;
    /// The export `get`.
    fn get(&mut self, key: u32) -> Result<f64, Trap>;
    /// The export `compact`.
    fn compact(&mut self) -> Result<f64, Trap>;
    /// Copies bytes out of memory; false, and nothing copied, when they do not lie in it.
    fn read(&mut self, at: u32, bytes: &mut [u8]) -> bool;
    /// Copies bytes into memory; false, and nothing copied, when they would not lie in it.
    fn write(&mut self, at: u32, bytes: &[u8]) -> bool;
    /// How many pages of 64 KiB memory has.
    fn pages(&mut self) -> u32;
    /// Makes memory larger by so many pages; false when it cannot be.
    fn grow(&mut self, pages: u32) -> bool;
    /// How long each of the next calls may take before the engine tears it down; `None` is for ever. An engine that cannot stop
    /// a call leaves it at that.
    fn limit_time(&mut self, time: Option<Duration>) {
        let _ = time;
    }
}

/// The module, compiled for an engine. Cheap to clone; any number of states in any threads share it.
#[derive(Clone)]
pub struct Engine {
    module: Arc<dyn Module>,
    /// Whether instances begin with a state of Lua in them.
    started: bool,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

impl Engine {
    /// Lua 5.4 on the default engine. Compiling takes some tenths of a second: keep it, or take [`shared`](Self::shared).
    ///
    /// # Errors
    /// [`Engine`](ErrorKind::Engine) when the engine cannot be had here.
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// Options.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// The engine that all states share that name none, compiled when it is first asked for.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn shared(version: Version) -> Result<Self> {
        SHARED[version as usize].get_or_init(|| Self::builder().version(version).build()).clone()
    }

    /// Makes this the engine that [`shared`](Self::shared) gives, and so that of every state that names none: one with a cache, say.
    ///
    /// # Errors
    /// [`Engine`](ErrorKind::Engine): the shared engine of that version is in use already.
    pub fn share(self, version: Version) -> Result<()> {
        let message = "the shared engine is in use already; share another before the first state is made";
        SHARED[version as usize].set(Ok(self)).map_err(|_| Error::new(ErrorKind::Engine, message))
    }

    /// A module on an engine that this crate does not know.
    pub fn custom(module: impl Module + 'static) -> Self {
        Self { module: Arc::new(module), started: false }
    }

    /// Whether instances begin with a state of Lua in them.
    pub(crate) fn started(&self) -> bool {
        self.started
    }

    /// Whether the module is one that this crate can talk to.
    fn check(&self) -> Result<()> {
        let version =
            self.instantiate()?.call(Export::AbiVersion, [0; 4]).map_err(|trap| unusable(trap.0))?;
        if version >> 16 == ABI {
            return Ok(());
        }
        let message = format!(
            "the module speaks ABI {}, this crate ABI {ABI}; take the module that came with the crate",
            version >> 16
        );
        Err(Error::new(ErrorKind::Engine, message))
    }

    /// A bare instance, with nothing of this crate on it.
    ///
    /// # Errors
    /// [`Engine`](ErrorKind::Engine) when there is no room for it.
    pub fn instantiate(&self) -> Result<Box<dyn Instance>> {
        self.module.instantiate()
    }
}

/// Which engine runs the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Runtime {
    /// Compiles to machine code.
    #[cfg(feature = "wasmtime")]
    Wasmtime,
    /// Interprets: starts at once, runs some ten times slower.
    #[cfg(feature = "wasmi")]
    Wasmi,
}

/// What states begin as: a name, and what makes the snapshot.
#[derive(Clone)]
#[allow(dead_code, reason = "only engines that compile have a cache, and without an engine nothing begins")]
struct Start {
    name: String,
    make: Arc<dyn Fn() -> Result<Vec<u8>> + Send + Sync>,
}

/// Options of an [`Engine`].
#[derive(Clone)]
#[must_use]
pub struct EngineBuilder {
    version: Version,
    module: Option<Arc<[u8]>>,
    start: Option<Start>,
    runtime: Option<Runtime>,
    cache: Option<PathBuf>,
    stoppable: bool,
    #[cfg(feature = "pooling")]
    pooling: Option<(u32, usize)>,
    #[cfg(feature = "wasmtime")]
    config: Option<::wasmtime::Config>,
}

impl Default for EngineBuilder {
    fn default() -> Self {
        Self {
            version: Version::default(),
            module: None,
            start: None,
            runtime: None,
            cache: None,
            stoppable: true,
            #[cfg(feature = "pooling")]
            pooling: None,
            #[cfg(feature = "wasmtime")]
            config: None,
        }
    }
}

impl EngineBuilder {
    /// Which Lua; 5.4 by default.
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Another module than this crate's own: the bytes of a file of Moonlet.
    pub fn module(mut self, bytes: impl Into<Arc<[u8]>>) -> Self {
        self.module = Some(bytes.into());
        self
    }

    /// Lets states begin as another was when its snapshot was taken, with all that was loaded into it, at less than a fresh one costs: the
    /// snapshot becomes part of the compiled module. Of their builders' options
    /// libraries and seed come along with it, as with [`LuaBuilder::restore`](crate::LuaBuilder::restore). `make` gives the snapshot, of a
    /// state of this version. With a cache it is called only when nothing is kept under `name`, which has to be another
    /// one when `make` gives another state.
    pub fn start(
        mut self,
        name: impl Into<String>,
        make: impl Fn() -> Result<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        self.start = Some(Start { name: name.into(), make: Arc::new(make) });
        self
    }

    /// Which engine; by default the first one of [`Runtime`] that is there.
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.runtime = Some(runtime);
        self
    }

    /// A folder that keeps compiled code: the next process starts in a few milliseconds. Files in it are named by the hashes of
    /// module and engine. They are machine code that this process runs, so nobody else may be able to write there. wasmi, which
    /// compiles nothing, ignores it.
    pub fn cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = Some(folder.into());
        self
    }

    /// Whether the engine itself can stop a call that does not come back, which [`timeout`](crate::LuaBuilder::timeout) makes use of. True
    /// by default; false saves some checks in compiled code.
    pub fn stoppable(mut self, stoppable: bool) -> Self {
        self.stoppable = stoppable;
        self
    }

    /// Takes all memory of all states from one pool: at most so many states at once, each with at most so many bytes of memory.
    /// Making and dropping one is several times faster then. A place in the pool that was used keeps 256 KiB.
    #[cfg(feature = "pooling")]
    pub fn pooling(mut self, states: u32, bytes: usize) -> Self {
        self.pooling = Some((states, bytes));
        self
    }

    /// Settings of wasmtime's own to start from.
    #[cfg(feature = "wasmtime")]
    pub fn wasmtime_config(mut self, config: ::wasmtime::Config) -> Self {
        self.config = Some(config);
        self
    }

    /// Compiles the module, or takes it from the cache.
    ///
    /// # Errors
    /// [`Engine`](ErrorKind::Engine): no module of Moonlet, or of another ABI; the engine is not there; the cache's folder cannot be
    /// written.
    pub fn build(self) -> Result<Engine> {
        if self.module.as_deref().is_some_and(|bytes| !bytes.starts_with(b"\0asm")) {
            let message = "these bytes are no WebAssembly module; give those of lua54.wasm or lua55.wasm";
            return Err(Error::new(ErrorKind::Engine, message));
        }
        let mut engine: Engine = match self.runtime.or(Runtime::FIRST) {
            #[cfg(feature = "wasmtime")]
            Some(Runtime::Wasmtime) => wasmtime::Compiled::new(&self).map(Engine::custom),
            #[cfg(feature = "wasmi")]
            Some(Runtime::Wasmi) => wasmi::Compiled::new(&self).map(Engine::custom),
            None => {
                let message = "no engine was compiled in; turn on the feature `wasmtime` or `wasmi`";
                Err(Error::new(ErrorKind::Engine, message))
            }
        }?;
        engine.started = self.start.is_some();
        // This crate's own need no look.
        if self.module.is_some() {
            engine.check()?;
        }
        Ok(engine)
    }

    /// The bytes of the module that is compiled.
    #[cfg(any(feature = "wasmi", feature = "wasmtime"))]
    fn bytes(&self) -> Result<Cow<'_, [u8]>> {
        let bytes = self.module.as_deref().unwrap_or(self.version.module());
        let Some(start) = &self.start else { return Ok(bytes.into()) };
        Ok(image::module(bytes, &(start.make)()?)?.into())
    }
}

impl Runtime {
    #[cfg(feature = "wasmtime")]
    const FIRST: Option<Self> = Some(Self::Wasmtime);
    #[cfg(all(feature = "wasmi", not(feature = "wasmtime")))]
    const FIRST: Option<Self> = Some(Self::Wasmi);
    #[cfg(not(any(feature = "wasmi", feature = "wasmtime")))]
    const FIRST: Option<Self> = None;
}

/// An error of an engine, with what to do.
#[allow(dead_code, reason = "without an engine nothing can go wrong with one")]
fn unusable(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Engine, format!("the module cannot be used: {error:#}"))
}

/// The error for a module that lacks an export.
#[allow(dead_code, reason = "without an engine there is no module")]
fn lacks(name: &str) -> Error {
    let message = format!(
        "the module has no export `{name}` of the kind that ABI.md describes; give lua54.wasm or lua55.wasm"
    );
    Error::new(ErrorKind::Engine, message)
}
