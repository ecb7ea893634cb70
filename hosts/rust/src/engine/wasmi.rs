//! The module on wasmi.

use std::time::Duration;

use wasmi::{Config, Engine, Error, Linker, Memory, Module, Store, TypedFunc, WasmParams, WasmResults};

use super::{EngineBuilder, Export, Instance, Trap, lacks, place, unusable};
use crate::Result;

/// Calls inside each other. Lua's 200 levels of C calls need 2,000 as a rule.
const RECURSION: usize = 10_000;

/// Instructions that no machine runs in a millisecond: a limit on time becomes one on these.
const PER_MILLISECOND: u64 = 2_000_000;

pub struct Compiled {
    module: Module,
    stoppable: bool,
}

impl Compiled {
    pub fn new(builder: &EngineBuilder, bytes: &[u8]) -> Result<Self> {
        let mut config = Config::default();
        config.set_max_recursion_depth(RECURSION);
        config.consume_fuel(builder.stoppable);
        let module = Module::new(&Engine::new(&config), bytes).map_err(unusable)?;
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
        let calls = Export::ALL.iter().map(|export| Call::find(&store, &instance, *export));
        let calls = calls.collect::<Result<_>>()?;
        let set = find(&store, &instance, "set")?;
        let get = find(&store, &instance, "get")?;
        let compact = find(&store, &instance, "compact")?;
        let memory = instance.get_memory(&store, "memory").ok_or_else(|| lacks("memory"))?;
        Ok(Box::new(Running {
            store,
            calls,
            set,
            get,
            compact,
            memory,
            stoppable: self.stoppable,
            time: None,
        }))
    }
}

/// An export with its signature checked.
fn find<P: WasmParams, R: WasmResults>(
    store: &Store<()>,
    instance: &wasmi::Instance,
    name: &str,
) -> Result<TypedFunc<P, R>> {
    instance.get_typed_func(store, name).map_err(|_| lacks(name))
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
    fn find(store: &Store<()>, instance: &wasmi::Instance, export: Export) -> Result<Self> {
        let name = export.name();
        Ok(match export.arity() {
            0 => Self::Zero(find(store, instance, name)?),
            1 => Self::One(find(store, instance, name)?),
            2 if !export.answers() => Self::Silent(find(store, instance, name)?),
            2 => Self::Two(find(store, instance, name)?),
            3 => Self::Three(find(store, instance, name)?),
            _ => Self::Four(find(store, instance, name)?),
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
    fn call(&mut self, export: Export, [a, b, c, d]: [u32; 4]) -> Result<i32, Trap> {
        self.refuel();
        let store = &mut self.store;
        let answer = match &self.calls[export as usize] {
            Call::Zero(function) => function.call(store, ()),
            Call::One(function) => function.call(store, a),
            Call::Two(function) => function.call(store, (a, b)),
            Call::Silent(function) => function.call(store, (a, b)).map(|()| 0),
            Call::Three(function) => function.call(store, (a, b, c)),
            Call::Four(function) => function.call(store, (a, b, c, d)),
        };
        answer.map_err(torn)
    }

    fn set(&mut self, key: u32, value: f64) -> Result<i32, Trap> {
        self.refuel();
        self.set.call(&mut self.store, (key, value)).map_err(torn)
    }

    fn get(&mut self, key: u32) -> Result<f64, Trap> {
        self.refuel();
        self.get.call(&mut self.store, key).map_err(torn)
    }

    fn compact(&mut self) -> Result<f64, Trap> {
        self.refuel();
        self.compact.call(&mut self.store, ()).map_err(torn)
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
