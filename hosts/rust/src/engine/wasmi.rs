//! The module on wasmi.

use std::time::Duration;

use wasmi::{Config, Engine, Error, Linker, Module, Store};

use super::typed::typed_exports;
use super::{EngineBuilder, Export, Instance, Trap, unusable};
use crate::Result;

/// Calls inside each other. Lua's 200 levels of C calls need 2,000 as a rule.
const RECURSION: usize = 10_000;

/// Instructions that no machine runs in a millisecond: a limit on time becomes one on these.
const PER_MILLISECOND: u64 = 1_000_000;

typed_exports!(wasmi);

pub struct Compiled {
    module: Module,
    stoppable: bool,
}

impl Compiled {
    pub fn new(builder: &EngineBuilder) -> Result<Self> {
        let mut config = Config::default();
        config.set_max_recursion_depth(RECURSION);
        config.consume_fuel(builder.stoppable);
        let module = Module::new(&Engine::new(&config), builder.bytes()?).map_err(unusable)?;
        Ok(Self { module, stoppable: builder.stoppable })
    }
}

impl super::Module for Compiled {
    fn instantiate(&self) -> Result<Box<dyn Instance>> {
        let engine = self.module.engine();
        let mut store = Store::new(engine, ());
        if self.stoppable {
            store.set_fuel(u64::MAX).map_err(unusable)?;
        }
        let linker = Linker::new(engine);
        let instance = linker.instantiate_and_start(&mut store, &self.module).map_err(unusable)?;
        let exports = Exports::find(&mut store, &instance)?;
        Ok(Box::new(Running { store, exports, stoppable: self.stoppable, time: None }))
    }
}

struct Running {
    store: Store<()>,
    exports: Exports,
    stoppable: bool,
    time: Option<Duration>,
}

/// Why the engine tore a call down.
fn torn(error: Error) -> Trap {
    match error.as_trap_code() {
        Some(wasmi::TrapCode::OutOfFuel) => {
            Trap("the engine stopped a call that did not come back in time".into())
        }
        _ => Trap(format!("the engine tore a call down: {error}")),
    }
}

impl Running {
    /// Gives the next call the instructions that its time allows.
    fn refuel(&mut self) {
        if self.stoppable {
            let milliseconds =
                self.time.map_or(u64::MAX, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
            let fuel = milliseconds.saturating_add(1).saturating_mul(PER_MILLISECOND);
            self.store.set_fuel(fuel).expect("the engine counts fuel");
        }
    }
}

impl Instance for Running {
    fn call(&mut self, export: Export, arguments: [u32; 4]) -> Result<i32, Trap> {
        self.refuel();
        self.exports.call(&mut self.store, export, arguments).map_err(torn)
    }

    fn set(&mut self, key: u32, value: f64) -> Result<i32, Trap> {
        self.refuel();
        self.exports.set.call(&mut self.store, (key, value)).map_err(torn)
    }

    fn get(&mut self, key: u32) -> Result<f64, Trap> {
        self.refuel();
        self.exports.get.call(&mut self.store, key).map_err(torn)
    }

    fn compact(&mut self) -> Result<f64, Trap> {
        self.refuel();
        self.exports.compact.call(&mut self.store, ()).map_err(torn)
    }

    fn read(&mut self, at: u32, bytes: &mut [u8]) -> bool {
        self.exports.read(&self.store, at, bytes)
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> bool {
        self.exports.write(&mut self.store, at, bytes)
    }

    fn pages(&mut self) -> u32 {
        self.exports.pages(&self.store)
    }

    fn grow(&mut self, pages: u32) -> bool {
        self.exports.grow(&mut self.store, pages)
    }

    fn limit_time(&mut self, time: Option<Duration>) {
        self.time = time;
    }
}
