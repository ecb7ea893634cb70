use wasmtime::{Engine, Error, Instance, Module, Result, Store, WasmParams, WasmResults};

const FUEL: i32 = 2;
const SLICE: i32 = 3;
const FUEL_USED: i32 = 34;
const PAUSED: i32 = 16;

/// An instance of the module.
struct Lua {
    store: Store<()>,
    instance: Instance,
}

impl Lua {
    fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, arguments: P) -> Result<R> {
        self.instance.get_typed_func::<P, R>(&mut self.store, name)?.call(&mut self.store, arguments)
    }
}

/// Runs `source` in slices and with no more than `fuel` units; the result and the units used, or minus the status.
fn budgeted(path: &std::path::Path, source: &str, fuel: f64) -> Result<(i32, String, f64)> {
    let engine = Engine::default();
    let module = Module::from_file(&engine, path)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let memory = instance.get_memory(&mut store, "memory").ok_or_else(|| Error::msg("no memory"))?;
    let mut lua = Lua { store, instance };

    lua.call::<_, i32>("set", (FUEL, fuel))?;
    lua.call::<_, i32>("set", (SLICE, 10_000.0))?;
    let (len, ptr) = (source.len() as i32, lua.call::<_, i32>("alloc", source.len() as i32)?);
    memory.write(&mut lua.store, ptr as usize, source.as_bytes())?;
    let mut answer: i32 = lua.call("compute", (ptr, len))?;
    lua.call::<_, ()>("dealloc", (ptr, len))?;
    while answer == -PAUSED {
        // The host's turn: serve others, look at the clock, or cancel the task.
        let task: i32 = lua.call("task", ())?;
        answer = lua.call("resume", (task, 0, 0))?;
    }

    let (ptr, len): (i32, i32) = (lua.call("result_ptr", ())?, lua.call("result_len", ())?);
    let mut bytes = vec![0; len as usize];
    memory.read(&lua.store, ptr as usize, &mut bytes)?;
    let used: f64 = lua.call("get", FUEL_USED)?;
    Ok((answer.min(0), String::from_utf8_lossy(&bytes).into_owned(), used))
}
