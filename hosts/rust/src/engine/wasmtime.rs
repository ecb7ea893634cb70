//! The module on wasmtime.

mod cache;
mod ticker;

use std::sync::Arc;
use std::time::Duration;

use wasmtime::{
    Config, Engine, InstancePre, Linker, Memory, Module, ModuleExport, Store, TypedFunc, WasmParams,
    WasmResults,
};

use self::ticker::{TICK, Ticker};
use super::{EngineBuilder, Export, Instance, Trap, lacks, place, unusable};
use crate::Result;

/// So many ticks that no process sees their end.
const NEVER: u64 = u64::MAX / 2;

/// The module, compiled and ready to be instantiated.
pub struct Compiled {
    pre: InstancePre<()>,
    places: Arc<Places>,
    ticker: Option<Arc<Ticker>>,
}

/// Where the exports stand, so that no instance has to look them up by name.
struct Places {
    calls: Vec<ModuleExport>,
    set: ModuleExport,
    get: ModuleExport,
    compact: ModuleExport,
    memory: ModuleExport,
}

impl Places {
    fn new(module: &Module) -> Result<Self> {
        let find = |name: &str| module.get_export_index(name).ok_or_else(|| lacks(name));
        Ok(Self {
            calls: Export::ALL.iter().map(|export| find(export.name())).collect::<Result<_>>()?,
            set: find("set")?,
            get: find("get")?,
            compact: find("compact")?,
            memory: find("memory")?,
        })
    }
}

/// The options as wasmtime has them.
fn config(builder: &EngineBuilder) -> Config {
    let mut config = builder.config.clone().unwrap_or_else(|| {
        let mut config = Config::new();
        // Nothing that the module does not need.
        config.wasm_tail_call(false).wasm_multi_memory(false).wasm_memory64(false);
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
            .max_unused_warm_slots(states);
        config.allocation_strategy(wasmtime::InstanceAllocationStrategy::Pooling(pool));
    }
    config
}

impl Compiled {
    pub fn new(builder: &EngineBuilder, bytes: &[u8]) -> Result<Self> {
        let engine = Engine::new(&config(builder)).map_err(unusable)?;
        let module = match &builder.cache {
            Some(folder) => cache::module(&engine, bytes, folder)?,
            None => Module::new(&engine, bytes).map_err(unusable)?,
        };
        let pre = Linker::new(&engine).instantiate_pre(&module).map_err(unusable)?;
        let ticker = builder.stoppable.then(|| Ticker::new(&engine));
        Ok(Self { pre, places: Arc::new(Places::new(&module)?), ticker })
    }
}

impl super::Module for Compiled {
    fn instantiate(&self) -> Result<Box<dyn Instance>> {
        let mut store = Store::new(self.pre.module().engine(), ());
        store.set_epoch_deadline(NEVER);
        let instance = self.pre.instantiate(&mut store).map_err(unusable)?;
        let places = &self.places;
        let mut calls = Vec::with_capacity(Export::ALL.len());
        for (export, place) in Export::ALL.iter().zip(&places.calls) {
            calls.push(Call::find(&mut store, &instance, *export, place)?);
        }
        let set = find(&mut store, &instance, &places.set, "set")?;
        let get = find(&mut store, &instance, &places.get, "get")?;
        let compact = find(&mut store, &instance, &places.compact, "compact")?;
        let memory = instance.get_module_export(&mut store, &places.memory);
        let memory = memory.and_then(wasmtime::Extern::into_memory).ok_or_else(|| lacks("memory"))?;
        let ticker = self.ticker.clone();
        Ok(Box::new(Running { store, calls, set, get, compact, memory, ticker, time: None }))
    }
}

/// An export with its signature checked.
fn find<P: WasmParams, R: WasmResults>(
    store: &mut Store<()>,
    instance: &wasmtime::Instance,
    place: &ModuleExport,
    name: &str,
) -> Result<TypedFunc<P, R>> {
    let function = instance.get_module_export(&mut *store, place).and_then(wasmtime::Extern::into_func);
    function.and_then(|function| function.typed(&*store).ok()).ok_or_else(|| lacks(name))
}

/// An export by its number of parameters.
enum Call {
    Zero(TypedFunc<(), i32>),
    One(TypedFunc<u32, i32>),
    Two(TypedFunc<(u32, u32), i32>),
    Silent(TypedFunc<(u32, u32), ()>),
    Three(TypedFunc<(u32, u32, u32), i32>),
    Four(TypedFunc<(u32, u32, u32, u32), i32>),
}

impl Call {
    fn find(
        store: &mut Store<()>,
        instance: &wasmtime::Instance,
        export: Export,
        place: &ModuleExport,
    ) -> Result<Self> {
        let name = export.name();
        Ok(match export.arity() {
            0 => Self::Zero(find(store, instance, place, name)?),
            1 => Self::One(find(store, instance, place, name)?),
            2 if !export.answers() => Self::Silent(find(store, instance, place, name)?),
            2 => Self::Two(find(store, instance, place, name)?),
            3 => Self::Three(find(store, instance, place, name)?),
            _ => Self::Four(find(store, instance, place, name)?),
        })
    }
}

struct Running {
    store: Store<()>,
    calls: Vec<Call>,
    set: TypedFunc<(u32, f64), i32>,
    get: TypedFunc<u32, f64>,
    compact: TypedFunc<(), f64>,
    memory: Memory,
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
    fn call(&mut self, export: Export, [a, b, c, d]: [u32; 4]) -> Result<i32, Trap> {
        self.timed(|this| {
            let store = &mut this.store;
            match &this.calls[export as usize] {
                Call::Zero(function) => function.call(store, ()),
                Call::One(function) => function.call(store, a),
                Call::Two(function) => function.call(store, (a, b)),
                Call::Silent(function) => function.call(store, (a, b)).map(|()| 0),
                Call::Three(function) => function.call(store, (a, b, c)),
                Call::Four(function) => function.call(store, (a, b, c, d)),
            }
        })
    }

    fn set(&mut self, key: u32, value: f64) -> Result<i32, Trap> {
        self.set.call(&mut self.store, (key, value)).map_err(torn)
    }

    fn get(&mut self, key: u32) -> Result<f64, Trap> {
        self.get.call(&mut self.store, key).map_err(torn)
    }

    fn compact(&mut self) -> Result<f64, Trap> {
        self.timed(|this| this.compact.call(&mut this.store, ()))
    }

    fn read(&mut self, at: u32, bytes: &mut [u8]) -> bool {
        let found = self.memory.data(&self.store).get(place(at, bytes.len()));
        found.map(|found| bytes.copy_from_slice(found)).is_some()
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> bool {
        let found = self.memory.data_mut(&mut self.store).get_mut(place(at, bytes.len()));
        found.map(|found| found.copy_from_slice(bytes)).is_some()
    }

    fn pages(&mut self) -> u32 {
        self.memory.size(&self.store) as u32
    }

    fn grow(&mut self, pages: u32) -> bool {
        self.memory.grow(&mut self.store, u64::from(pages)).is_ok()
    }

    fn limit_time(&mut self, time: Option<Duration>) {
        self.time = time;
    }
}
