//! The module on wasmer, compiled by Singlepass.

use moonlet::engine::{Engine, Export, Instance, Module, Trap};
use moonlet::{Result, Version};
use wasmer::sys::Singlepass;
use wasmer::{Function, Memory, Store, Value, imports};

use crate::exports::{Exports, failed};

/// wasmer's modules belong to a store's engine, so each instance compiles, or takes, its own.
struct Compiled {
    engine: wasmer::Engine,
    module: wasmer::Module,
}

pub fn engine(version: Version) -> Result<Engine> {
    let engine: wasmer::Engine = Singlepass::default().into();
    let module = wasmer::Module::new(&engine, version.module()).map_err(failed)?;
    Ok(Engine::custom(Compiled { engine, module }))
}

struct Running {
    store: Store,
    exports: Exports<Function>,
    memory: Memory,
}

// SAFETY: nothing in this program leaves the thread that made it.
unsafe impl Send for Running {}

impl Module for Compiled {
    fn instantiate(&self) -> Result<Box<dyn Instance>> {
        let mut store = Store::new(self.engine.clone());
        let instance = wasmer::Instance::new(&mut store, &self.module, &imports! {}).map_err(failed)?;
        let find = |name: &str| instance.exports.get_function(name).cloned().map_err(failed);
        let exports = Exports::new(find)?;
        let memory = instance.exports.get_memory("memory").map_err(failed)?.clone();
        Ok(Box::new(Running { store, exports, memory }))
    }
}

fn call(function: &Function, store: &mut Store, arguments: &[Value]) -> Result<Value, Trap> {
    let values = function.call(store, arguments).map_err(|error| Trap(error.to_string()))?;
    Ok(values.first().cloned().unwrap_or(Value::I32(0)))
}

fn integer(value: Value) -> Result<i32, Trap> {
    value.i32().ok_or_else(|| Trap("an integer expected".into()))
}

fn float(value: Value) -> Result<f64, Trap> {
    value.f64().ok_or_else(|| Trap("a float expected".into()))
}

impl Instance for Running {
    fn call(&mut self, export: Export, arguments: [u32; 4]) -> Result<i32, Trap> {
        let arguments = arguments.map(|argument| Value::I32(argument.cast_signed()));
        let function = &self.exports.calls[export as usize];
        integer(call(function, &mut self.store, &arguments[..export.arity()])?)
    }

    fn set(&mut self, key: u32, value: f64) -> Result<i32, Trap> {
        integer(call(
            &self.exports.set,
            &mut self.store,
            &[Value::I32(key.cast_signed()), Value::F64(value)],
        )?)
    }

    fn get(&mut self, key: u32) -> Result<f64, Trap> {
        float(call(&self.exports.get, &mut self.store, &[Value::I32(key.cast_signed())])?)
    }

    fn compact(&mut self) -> Result<f64, Trap> {
        float(call(&self.exports.compact, &mut self.store, &[])?)
    }

    fn read(&mut self, at: u32, bytes: &mut [u8]) -> bool {
        self.memory.view(&self.store).read(u64::from(at), bytes).is_ok()
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> bool {
        self.memory.view(&self.store).write(u64::from(at), bytes).is_ok()
    }

    fn pages(&mut self) -> u32 {
        self.memory.view(&self.store).size().0
    }

    fn grow(&mut self, pages: u32) -> bool {
        self.memory.grow(&mut self.store, pages).is_ok()
    }
}
