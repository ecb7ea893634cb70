//! The module on tinywasm.

use moonlet::engine::{Engine, Export, Instance, Module, Trap};
use moonlet::{Result, Version};
use tinywasm::engine::{Config, Engine as TinyEngine, StackConfig};
use tinywasm::types::WasmValue;
use tinywasm::{Function, Memory, ModuleInstance, Store};

use crate::exports::{Exports, failed};

/// Frames and values enough for Lua's 200 levels of C calls.
fn config() -> Config {
    Config::new()
        .with_call_stack(StackConfig::dynamic(64, 16_384))
        .with_value_stack_32(StackConfig::dynamic(1024, 1 << 20))
        .with_value_stack_64(StackConfig::dynamic(1024, 1 << 20))
}

struct Compiled(tinywasm::Module);

pub fn engine(version: Version) -> Result<Engine> {
    let module = tinywasm::parse_bytes(version.module()).map_err(failed)?;
    Ok(Engine::custom(Compiled(module)))
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
        let mut store = Store::new(TinyEngine::new(config()));
        let instance = ModuleInstance::instantiate(&mut store, &self.0, None).map_err(failed)?;
        let find = |name: &str| instance.func_untyped(&store, name).map_err(failed);
        let exports = Exports::new(find)?;
        let memory = instance.memory("memory").map_err(failed)?;
        Ok(Box::new(Running { store, exports, memory }))
    }
}

fn torn(error: tinywasm::Error) -> Trap {
    Trap(error.to_string())
}

fn float(values: &[WasmValue]) -> Result<f64, Trap> {
    match values {
        [WasmValue::F64(value)] => Ok(*value),
        other => Err(Trap(format!("a float expected, got {other:?}"))),
    }
}

fn integer(values: &[WasmValue]) -> Result<i32, Trap> {
    match values {
        [] => Ok(0),
        [WasmValue::I32(value)] => Ok(*value),
        other => Err(Trap(format!("an integer expected, got {other:?}"))),
    }
}

impl Instance for Running {
    fn call(&mut self, export: Export, arguments: [u32; 4]) -> Result<i32, Trap> {
        let arguments = arguments.map(|argument| WasmValue::I32(argument.cast_signed()));
        let function = &self.exports.calls[export as usize];
        integer(&function.call(&mut self.store, &arguments[..export.arity()]).map_err(torn)?)
    }

    fn set(&mut self, key: u32, value: f64) -> Result<i32, Trap> {
        let arguments = [WasmValue::I32(key.cast_signed()), WasmValue::F64(value)];
        integer(&self.exports.set.call(&mut self.store, &arguments).map_err(torn)?)
    }

    fn get(&mut self, key: u32) -> Result<f64, Trap> {
        float(&self.exports.get.call(&mut self.store, &[WasmValue::I32(key.cast_signed())]).map_err(torn)?)
    }

    fn compact(&mut self) -> Result<f64, Trap> {
        float(&self.exports.compact.call(&mut self.store, &[]).map_err(torn)?)
    }

    fn read(&mut self, at: u32, bytes: &mut [u8]) -> bool {
        self.memory.read_exact(&self.store, at as usize, bytes).is_ok()
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> bool {
        self.memory.copy_from_slice(&mut self.store, at as usize, bytes).is_ok()
    }

    fn pages(&mut self) -> u32 {
        self.memory.page_count(&self.store).unwrap_or(0) as u32
    }

    fn grow(&mut self, pages: u32) -> bool {
        matches!(self.memory.grow(&mut self.store, i64::from(pages)), Ok(Some(_)))
    }
}
