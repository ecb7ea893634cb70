//! The module on wasmtime.

mod cache;
mod ticker;

use std::sync::Arc;
use std::time::Duration;

use wasmtime::{Config, Engine, InstancePre, Linker, Module, Store};

use self::ticker::{TICK, Ticker};
use super::typed::typed_exports;
use super::{EngineBuilder, Export, Instance, Trap, unusable};
use crate::Result;

/// So many ticks that no process sees their end.
const NEVER: u64 = u64::MAX / 2;

typed_exports!(wasmtime);

/// The module, compiled and ready to be instantiated.
pub struct Compiled {
    pre: InstancePre<()>,
    ticker: Option<Arc<Ticker>>,
}

/// Bytes of memory, and of the table, that a place in the pool keeps between two states: those of a fresh one.
#[cfg(feature = "pooling")]
const RESIDENT: usize = 256 << 10;

/// The options as wasmtime has them.
fn config(builder: &EngineBuilder) -> Config {
    let mut config = builder.config.clone().unwrap_or_else(|| {
        let mut config = Config::new();
        // Nothing that the module does not need.
        config.wasm_tail_call(false).wasm_multi_memory(false).wasm_memory64(false);
        // Copied at once: where threads share the address space, each page that is copied when it is first written interrupts all their
        // processors, and most pages are written.
        config.memory_init_cow(false);
        config
    });
    if builder.stoppable {
        config.epoch_interruption(true);
    }
    #[cfg(feature = "pooling")]
    if let Some((states, bytes)) = builder.pooling {
        let mut pool = wasmtime::PoolingAllocationConfig::default();
        pool.total_core_instances(states)
            .total_memories(states)
            .total_tables(states)
            .max_memory_size(bytes)
            .max_unused_warm_slots(states)
            // What a small state has is overwritten by the next one, not handed back to the system, whose page faults cost more than Lua's start.
            .linear_memory_keep_resident(RESIDENT)
            .table_keep_resident(RESIDENT);
        config.allocation_strategy(wasmtime::InstanceAllocationStrategy::Pooling(pool));
    }
    config
}

impl Compiled {
    pub fn new(builder: &EngineBuilder) -> Result<Self> {
        let engine = Engine::new(&config(builder)).map_err(unusable)?;
        let module = match &builder.cache {
            Some(folder) => cache::module(&engine, builder, folder)?,
            None => Module::new(&engine, builder.bytes()?).map_err(unusable)?,
        };
        let pre = Linker::new(&engine).instantiate_pre(&module).map_err(unusable)?;
        let ticker = builder.stoppable.then(|| Ticker::new(&engine));
        Ok(Self { pre, ticker })
    }
}

impl super::Module for Compiled {
    fn instantiate(&self) -> Result<Box<dyn Instance>> {
        let mut store = Store::new(self.pre.module().engine(), ());
        store.set_epoch_deadline(NEVER);
        let instance = self.pre.instantiate(&mut store).map_err(unusable)?;
        let exports = Exports::find(&mut store, &instance)?;
        Ok(Box::new(Running { store, exports, ticker: self.ticker.clone(), time: None }))
    }
}

struct Running {
    store: Store<()>,
    exports: Exports,
    ticker: Option<Arc<Ticker>>,
    time: Option<Duration>,
}

/// Why the engine tore a call down.
fn torn(error: wasmtime::Error) -> Trap {
    match error.downcast_ref::<wasmtime::Trap>() {
        Some(wasmtime::Trap::Interrupt) => {
            Trap("the engine stopped a call that did not come back in time".into())
        }
        Some(trap) => Trap(format!("the engine tore a call down: {trap}")),
        None => Trap(format!("the engine tore a call down: {error:#}")),
    }
}

impl Running {
    /// Runs `call`, with the clock ticking if the time is limited.
    fn timed<R>(&mut self, call: impl FnOnce(&mut Self) -> wasmtime::Result<R>) -> Result<R, Trap> {
        let (Some(time), Some(ticker)) = (self.time, self.ticker.clone()) else {
            return call(self).map_err(torn);
        };
        let ticks = time.as_millis() / TICK.as_millis() + 2;
        self.store.set_epoch_deadline(u64::try_from(ticks).unwrap_or(NEVER).min(NEVER));
        let running = ticker.run();
        let answer = call(self).map_err(torn);
        drop(running);
        self.store.set_epoch_deadline(NEVER);
        answer
    }
}

impl Instance for Running {
    fn call(&mut self, export: Export, arguments: [u32; 4]) -> Result<i32, Trap> {
        self.timed(|this| this.exports.call(&mut this.store, export, arguments))
    }

    fn set(&mut self, key: u32, value: f64) -> Result<i32, Trap> {
        self.exports.set.call(&mut self.store, (key, value)).map_err(torn)
    }

    fn get(&mut self, key: u32) -> Result<f64, Trap> {
        self.exports.get.call(&mut self.store, key).map_err(torn)
    }

    fn compact(&mut self) -> Result<f64, Trap> {
        self.timed(|this| this.exports.compact.call(&mut this.store, ()))
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
