//! Two instances of one module side by side: the original in an engine with exceptions, the lowered one in an engine
//! without. Whatever can be seen of them from outside must stay equal.

use std::fmt::Write;

use lower_eh::{Options, Report};
use wasmtime::{
    Config, Engine, Extern, ExternType, Func, Instance, Linker, Module, Store, ThrownException, Trap,
};
use wasmtime::{Ref, Val, ValType};

pub struct Engines {
    with: Engine,
    without: Engine,
}

/// What has been seen while the twins ran.
#[derive(Default, Debug)]
pub struct Seen {
    pub calls: usize,
    pub returns: usize,
    pub traps: usize,
    pub uncaught: usize,
    /// The final values of the exported counters `thrown` and `caught`, if there are such.
    pub thrown: u64,
    pub caught: u64,
    /// Whether a limit of the engine ended the run early.
    pub limited: bool,
}

#[derive(Default)]
struct Host {
    log: Vec<i64>,
}

struct Twin {
    store: Store<Host>,
    instance: Instance,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Returned(Vec<String>),
    Trapped(String),
    /// An exception that nobody caught.
    Uncaught,
    /// Too deep, or too long: a limit of the engine, which the two need not reach at the same place.
    Limit,
}

const FUEL: u64 = 2_000_000;

impl Engines {
    pub fn new() -> Self {
        let engine = |exceptions| {
            let mut config = Config::new();
            config.wasm_exceptions(exceptions).consume_fuel(true).max_wasm_stack(256 << 10);
            config.wasm_gc(true).wasm_function_references(true).wasm_tail_call(true);
            config.wasm_multi_memory(true).wasm_memory64(true);
            config.cranelift_opt_level(wasmtime::OptLevel::None);
            Engine::new(&config).expect("an engine")
        };
        Engines { with: engine(true), without: engine(false) }
    }

    /// Lowers a module and runs every exported function in both; panics at the first difference.
    pub fn compare(&self, name: &str, wasm: &[u8], options: &Options) -> (Seen, Report) {
        self.compare_some(name, wasm, options, usize::MAX)
    }

    /// The same, with no more than so many calls of each function.
    pub fn compare_some(&self, name: &str, wasm: &[u8], options: &Options, calls: usize) -> (Seen, Report) {
        let (lowered, report) =
            lower_eh::lower(wasm, options).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_without_exceptions(name, &lowered);
        let mut seen = Seen::default();
        let first = Twin::new(&self.with, wasm).map_err(|error| outcome_of(&error));
        let second = Twin::new(&self.without, &lowered).map_err(|error| outcome_of(&error));
        let (mut first, mut second) = match (first, second) {
            (Ok(first), Ok(second)) => (first, second),
            (Err(Outcome::Limit), _) | (_, Err(Outcome::Limit)) => {
                seen.limited = true;
                return (seen, report);
            }
            (Err(first), Err(second)) => {
                assert_alike(name, "instantiation", &first, &second);
                seen.count(&first);
                return (seen, report);
            }
            (first, second) => panic!("{name}: instantiation {:?} {:?}", first.err(), second.err()),
        };
        for (function, params) in first.functions() {
            for arguments in arguments(&params).into_iter().take(calls) {
                let call = format!("{function}({arguments:?})");
                let outcome = first.call(&function, &arguments);
                let lowered = second.call(&function, &arguments);
                if outcome == Outcome::Limit || lowered == Outcome::Limit {
                    seen.limited = true;
                    return (seen, report);
                }
                assert_alike(name, &call, &outcome, &lowered);
                assert_eq!(first.visible(), second.visible(), "{name}: state after {call}");
                seen.count(&outcome);
            }
        }
        (seen.thrown, seen.caught) = (first.counter("thrown"), first.counter("caught"));
        (seen, report)
    }
}

impl Seen {
    fn count(&mut self, outcome: &Outcome) {
        self.calls += 1;
        match outcome {
            Outcome::Returned(_) => self.returns += 1,
            Outcome::Uncaught => self.uncaught += 1,
            Outcome::Trapped(_) | Outcome::Limit => self.traps += 1,
        }
    }

    pub fn add(&mut self, other: &Seen) {
        self.calls += other.calls;
        self.returns += other.returns;
        self.traps += other.traps;
        self.uncaught += other.uncaught;
        self.thrown += other.thrown;
        self.caught += other.caught;
    }
}

/// The lowered twin reports an uncaught exception and a null `throw_ref` by `unreachable`; all else is equal.
fn assert_alike(name: &str, call: &str, first: &Outcome, second: &Outcome) {
    let unreachable = Outcome::Trapped(Trap::UnreachableCodeReached.to_string());
    let null = Outcome::Trapped(Trap::NullReference.to_string());
    let alike = match first {
        Outcome::Uncaught => *second == unreachable,
        trapped if *trapped == null => *second == null || *second == unreachable,
        other => other == second,
    };
    assert!(alike, "{name}: {call}: with exceptions {first:?}, lowered {second:?}");
}

fn assert_without_exceptions(name: &str, lowered: &[u8]) {
    use wasmparser::{Validator, WasmFeatures};
    let features = WasmFeatures::all().difference(WasmFeatures::EXCEPTIONS);
    if let Err(error) = Validator::new_with_features(features).validate_all(lowered) {
        panic!("{name}: {error}");
    }
}

fn outcome_of(error: &wasmtime::Error) -> Outcome {
    if error.is::<ThrownException>() {
        return Outcome::Uncaught;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow | Trap::OutOfFuel) => Outcome::Limit,
        Some(trap) => Outcome::Trapped(trap.to_string()),
        None => panic!("not a trap: {error:?}"),
    }
}

/// Values to call functions with: every combination of a few per parameter.
fn arguments(params: &[ValType]) -> Vec<Vec<Val>> {
    let mut all = vec![Vec::new()];
    for (position, ty) in params.iter().enumerate() {
        let values: Vec<Val> = match ty {
            ValType::I32 if position == 0 => [0, 1, 2, 3, 4, 5, 7, -1].map(Val::I32).to_vec(),
            ValType::I32 => [0, 1, 2, -1].map(Val::I32).to_vec(),
            ValType::I64 => [0, 1, -5_000_000_000].map(Val::I64).to_vec(),
            ValType::F32 => [0.0f32, -1.5].map(|value| Val::F32(value.to_bits())).to_vec(),
            ValType::F64 => [0.0f64, 2.25].map(|value| Val::F64(value.to_bits())).to_vec(),
            ValType::V128 => vec![Val::V128(0x0123_4567_89ab_cdef_u128.into())],
            ValType::Ref(ty) => vec![Val::null_ref(ty.heap_type())],
        };
        all = all
            .iter()
            .flat_map(|before| values.iter().map(move |value| [before.as_slice(), &[*value]].concat()))
            .collect();
    }
    all
}

impl Twin {
    fn new(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Self> {
        let module = Module::new(engine, wasm).unwrap_or_else(|error| panic!("{error:?}"));
        let mut store = Store::new(engine, Host::default());
        store.set_fuel(FUEL)?;
        let mut linker = Linker::new(engine);
        linker.func_wrap("host", "log", |mut host: wasmtime::Caller<'_, Host>, value: i32| {
            host.data_mut().log.push(value.into());
        })?;
        let instance = linker.instantiate(&mut store, &module)?;
        Ok(Twin { store, instance })
    }

    fn functions(&mut self) -> Vec<(String, Vec<ValType>)> {
        let module = self.instance.module(&self.store).clone();
        let exports = module.exports().filter_map(|export| match export.ty() {
            ExternType::Func(ty) => Some((export.name().to_string(), ty.params().collect())),
            _ => None,
        });
        exports.collect()
    }

    fn call(&mut self, name: &str, arguments: &[Val]) -> Outcome {
        let function: Func = self.instance.get_func(&mut self.store, name).expect("an exported function");
        let results = function.ty(&self.store).results().len();
        let mut values = vec![Val::I32(0); results];
        self.store.set_fuel(FUEL).expect("fuel is on");
        match function.call(&mut self.store, arguments, &mut values) {
            Ok(()) => Outcome::Returned(values.iter().map(|value| self.show(value)).collect()),
            Err(error) => {
                let _ = self.store.take_pending_exception();
                outcome_of(&error)
            }
        }
    }

    fn counter(&mut self, name: &str) -> u64 {
        let global = self.instance.get_global(&mut self.store, name);
        global.and_then(|global| global.get(&mut self.store).i32()).unwrap_or(0) as u64
    }

    fn show(&mut self, value: &Val) -> String {
        match value {
            Val::I32(value) => format!("i32 {value}"),
            Val::I64(value) => format!("i64 {value}"),
            Val::F32(bits) => format!("f32 {bits:x}"),
            Val::F64(bits) => format!("f64 {bits:x}"),
            Val::V128(bits) => format!("v128 {:x}", bits.as_u128()),
            Val::AnyRef(Some(any)) => match any.as_i31(&self.store) {
                Ok(Some(number)) => format!("i31 {}", number.get_u32()),
                _ => "any".into(),
            },
            other => match other.ref_() {
                Some(Ref::Func(None) | Ref::Extern(None) | Ref::Any(None)) => "null".into(),
                _ => "reference".into(),
            },
        }
    }

    /// The log and every exported global and memory.
    fn visible(&mut self) -> String {
        let mut text = format!("log {:?}", self.store.data().log);
        let exports: Vec<(String, Extern)> = self
            .instance
            .exports(&mut self.store)
            .map(|export| (export.name().to_string(), export.into_extern()))
            .collect();
        for (name, export) in exports {
            let shown = match export {
                Extern::Global(global) => {
                    let value = global.get(&mut self.store);
                    self.show(&value)
                }
                Extern::Memory(memory) => {
                    let bytes = memory.data(&self.store);
                    let sum = bytes.iter().fold(0u64, |sum, byte| {
                        sum.wrapping_mul(0x100_0000_01b3).wrapping_add(u64::from(*byte))
                    });
                    format!("{} bytes {sum:x}", bytes.len())
                }
                _ => continue,
            };
            write!(text, "; {name} {shown}").expect("a string takes anything");
        }
        text
    }
}
