//! The built modules, and the engines that compile them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use wasmtime::{Config, Engine, Module};

/// A version of Lua, and so a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    Lua54,
    Lua55,
}

impl Version {
    pub const ALL: [Self; 2] = [Self::Lua54, Self::Lua55];

    pub fn name(self) -> &'static str {
        match self {
            Self::Lua54 => "lua54",
            Self::Lua55 => "lua55",
        }
    }

    /// Where the build leaves the module: the mini variant where `MOONLET_MINI` is set; the one with Lua's internal checks where
    /// `MOONLET_INTERNAL` is, the one without a hook where `MOONLET_WITHOUT` names this version.
    pub fn path(self) -> PathBuf {
        self.path_of(is_mini())
    }

    fn path_of(self, is_mini: bool) -> PathBuf {
        let internal = std::env::var_os("MOONLET_INTERNAL").is_some();
        let without = std::env::var_os("MOONLET_WITHOUT").is_some_and(|version| version == *self.name());
        let variant = if is_mini { "-mini" } else { "" };
        let extension = match (internal, without) {
            (true, _) => "ltests.wasm",
            (_, true) => "without.wasm",
            _ => "wasm",
        };
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        root.join("target/moonlet").join(format!("{}{variant}.{extension}", self.name()))
    }

    /// The module's bytes.
    pub fn bytes(self) -> Vec<u8> {
        read(&self.path())
    }

    /// The mini variant, compiled once for an engine with its default limits.
    pub fn mini_module(self) -> &'static Module {
        static MODULES: [OnceLock<Module>; 2] = [OnceLock::new(), OnceLock::new()];
        MODULES[self as usize]
            .get_or_init(|| Module::new(&engine(), self.mini_bytes()).expect("a valid module"))
    }

    /// Its bytes.
    pub fn mini_bytes(self) -> Vec<u8> {
        read(&self.path_of(true))
    }

    /// The module for tests of allocations, whose exports let them fail or fill what they give, compiled once for the engine of
    /// [`Self::module`].
    pub fn faults_module(self) -> &'static Module {
        static MODULES: [OnceLock<Module>; 2] = [OnceLock::new(), OnceLock::new()];
        MODULES[self as usize].get_or_init(|| {
            let bytes = read(&self.path().with_extension("faults.wasm"));
            Module::new(self.module().engine(), bytes).expect("a valid module")
        })
    }

    /// The module, compiled once for an engine with its default limits.
    pub fn module(self) -> &'static Module {
        static MODULES: [OnceLock<Module>; 2] = [OnceLock::new(), OnceLock::new()];
        MODULES[self as usize].get_or_init(|| Module::new(&engine(), self.bytes()).expect("a valid module"))
    }

    /// The module, compiled once for an engine that counts fuel, by which a run can be torn down anywhere.
    pub fn metered_module(self) -> &'static Module {
        static MODULES: [OnceLock<Module>; 2] = [OnceLock::new(), OnceLock::new()];
        MODULES[self as usize].get_or_init(|| {
            let mut config = engine_config();
            config.consume_fuel(true);
            let engine = Engine::new(&config).expect("an engine with fuel");
            Module::new(&engine, self.bytes()).expect("a valid module")
        })
    }

    /// The module, compiled once for an engine that a clock can interrupt.
    pub fn interruptible_module(self) -> &'static Module {
        static MODULES: [OnceLock<Module>; 2] = [OnceLock::new(), OnceLock::new()];
        MODULES[self as usize].get_or_init(|| {
            let mut config = engine_config();
            config.epoch_interruption(true);
            let engine = Engine::new(&config).expect("an engine with epochs");
            let clock = engine.clone();
            std::thread::spawn(move || {
                loop {
                    std::thread::sleep(Duration::from_secs(1));
                    clock.increment_epoch();
                }
            });
            Module::new(&engine, self.bytes()).expect("a valid module")
        })
    }
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| {
        panic!("{}: {error}; build it first: cargo xtask build (--mini), or make test", path.display())
    })
}

/// Whether the modules under test are the mini variants.
pub fn is_mini() -> bool {
    std::env::var_os("MOONLET_MINI").is_some()
}

/// No proposal beyond the second version of WebAssembly is needed, exceptions least of all.
pub fn engine_config() -> Config {
    let mut config = Config::new();
    config.wasm_tail_call(false);
    config.wasm_multi_memory(false);
    config.wasm_memory64(false);
    config
}

/// The engine with its default limits.
pub fn engine() -> Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&engine_config()).expect("an engine")).clone()
}
