use wasmtime::{Engine, Instance, Module, Result, Store, error::format_err};

fn lua(module: &std::path::Path, source: &str) -> Result<String> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &Module::from_file(&engine, module)?, &[])?;
    let memory = instance.get_memory(&mut store, "memory").ok_or_else(|| format_err!("no memory"))?;
    let (len, s) = (source.len() as u32, &mut store);
    let ptr = instance.get_typed_func::<u32, u32>(&mut *s, "alloc")?.call(&mut *s, len)?;
    memory.write(&mut *s, ptr as usize, source.as_bytes())?;
    let answer = instance.get_typed_func::<(u32, u32), i32>(&mut *s, "compute")?.call(&mut *s, (ptr, len))?;
    let at = instance.get_typed_func::<(), u32>(&mut *s, "result_ptr")?.call(&mut *s, ())? as usize;
    let len = instance.get_typed_func::<(), u32>(&mut *s, "result_len")?.call(&mut *s, ())? as usize;
    let result = String::from_utf8_lossy(&memory.data(&*s)[at..at + len]).into_owned();
    if answer < 0 { Err(format_err!("{result}")) } else { Ok(result) }
}
