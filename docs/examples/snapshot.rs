//! Saves a script to a file while it waits for an answer, and brings it back with the answer, in another process.
//!
//! snapshot MODULE FILE          starts the script and saves it
//! snapshot MODULE FILE ANSWER   goes on

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use sha2::{Digest, Sha256};
use wasmtime::{Engine, Instance, Memory, Module, Result, Store, WasmParams, WasmResults, error::format_err};

const SCRIPT: &str = "local name = host.call('ask', 'Who is there?') return 'Hello ' .. name";

const YIELD: i32 = 1;
const POISONED: i32 = 36;
const LUA_VERSION_NUM: u32 = 38;
const HEADER: usize = 128;
const PAGE: usize = 65_536;

struct Lua {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

impl Lua {
    fn new(module: &Path) -> Result<Self> {
        let engine = Engine::default();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &Module::from_file(&engine, module)?, &[])?;
        let memory =
            instance.get_memory(&mut store, "memory").ok_or_else(|| format_err!("no export `memory`"))?;
        Ok(Self { store, instance, memory })
    }

    fn call<P: WasmParams, R: WasmResults>(&mut self, export: &str, arguments: P) -> Result<R> {
        self.instance.get_typed_func(&mut self.store, export)?.call(&mut self.store, arguments)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(u32, u32)> {
        let ptr: u32 = self.call("alloc", bytes.len() as u32)?;
        self.memory.write(&mut self.store, ptr as usize, bytes)?;
        Ok((ptr, bytes.len() as u32))
    }

    fn result(&mut self) -> Result<Vec<u8>> {
        let (ptr, len): (u32, u32) = (self.call("result_ptr", ())?, self.call("result_len", ())?);
        Ok(self.memory.data(&self.store)[ptr as usize..][..len as usize].to_vec())
    }

    fn build_id(&mut self) -> Result<Vec<u8>> {
        let ptr: u32 = self.call("build_id_ptr", ())?;
        Ok(self.memory.data(&self.store)[ptr as usize..][..32].to_vec())
    }

    /// The instance in the stored form.
    fn save(&mut self) -> Result<Vec<u8>> {
        if self.call::<_, i32>("status", ())? == POISONED {
            return Err(format_err!("the instance was torn down; go on from the last snapshot"));
        }
        self.call::<_, f64>("compact", ())?;
        let (abi, lua): (u32, f64) = (self.call("abi_version", ())?, self.call("get", LUA_VERSION_NUM)?);
        let build = self.build_id()?;
        let (mut pages, mut payload) = (0, Vec::new());
        for (number, page) in (0u32..).zip(self.memory.data(&self.store).chunks(PAGE)) {
            if page.iter().any(|byte| *byte != 0) {
                pages = number + 1;
                payload.extend(number.to_le_bytes());
                payload.extend(page);
            }
        }
        let mut bytes = b"MOONSNAP".to_vec();
        for number in [2, abi, lua as u32, pages] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(build);
        bytes.extend((payload.len() as u64).to_le_bytes());
        bytes.extend(Sha256::digest(&payload));
        bytes.extend(Sha256::digest(&bytes));
        bytes.extend(payload);
        Ok(bytes)
    }

    /// Makes this instance, new or used, what it was when `bytes` were saved. Nothing is touched before all checks.
    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() < HEADER || &bytes[..8] != b"MOONSNAP" {
            return Err(format_err!("this is no snapshot"));
        }
        let (header, payload) = bytes.split_at(HEADER);
        if header[8..12] != 2u32.to_le_bytes() {
            return Err(format_err!("the snapshot has a form that is not known here; use a newer program"));
        }
        if header[96..] != *Sha256::digest(&header[..96]) {
            return Err(format_err!("the snapshot's header is damaged; restore an older one"));
        }
        if header[24..56] != self.build_id()? {
            return Err(format_err!(
                "the snapshot was made by another build; load the module it was made with"
            ));
        }
        let whole = header[56..64] == (payload.len() as u64).to_le_bytes();
        if !whole || header[64..96] != *Sha256::digest(payload) {
            return Err(format_err!("the snapshot is damaged or cut short; restore an older one"));
        }
        let number = |bytes: &[u8]| u32::from_le_bytes(bytes[..4].try_into().expect("four bytes"));
        let (pages, records) = (number(&header[20..]), payload.chunks_exact(4 + PAGE));
        if !records.remainder().is_empty() || records.clone().any(|record| number(record) >= pages) {
            return Err(format_err!("the snapshot is damaged; restore an older one"));
        }
        let missing = u64::from(pages).saturating_sub(self.memory.size(&self.store));
        self.memory.grow(&mut self.store, missing)?;
        let memory = self.memory.data_mut(&mut self.store);
        memory.fill(0);
        for record in records {
            memory[number(record) as usize * PAGE..][..PAGE].copy_from_slice(&record[4..]);
        }
        Ok(())
    }
}

/// Writes a file that holds all of `bytes` once it has its name, whatever happens meanwhile.
fn store(file: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = file.with_extension("temporary");
    let mut out = File::create(&temporary)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    fs::rename(&temporary, file)?;
    File::open(fs::canonicalize(file)?.parent().expect("a file lies in a folder"))?.sync_all()?;
    Ok(())
}

/// Runs the script until it asks, and saves it; what it asks, in MessagePack.
pub fn start(module: &Path, file: &Path) -> Result<Vec<u8>> {
    let mut lua = Lua::new(module)?;
    let source = lua.put(SCRIPT.as_bytes())?;
    let answer: i32 = lua.call("compute", source)?;
    lua.call::<_, ()>("dealloc", source)?;
    let request = lua.result()?;
    if answer != -YIELD {
        return Err(format_err!("the script asks nothing: {}", String::from_utf8_lossy(&request)));
    }
    store(file, &lua.save()?)?;
    Ok(request)
}

/// Brings the script back and gives it the answer; what it returns.
pub fn go_on(module: &Path, file: &Path, answer: &str) -> Result<String> {
    let mut lua = Lua::new(module)?;
    lua.restore(&fs::read(file)?)?;
    // An array of one string, in MessagePack.
    let mut values = vec![0x91, 0xdb];
    values.extend((answer.len() as u32).to_be_bytes());
    values.extend(answer.as_bytes());
    let (ptr, len) = lua.put(&values)?;
    let task: i32 = lua.call("task", ())?;
    let answer: i32 = lua.call("resume", (task, ptr, len))?;
    lua.call::<_, ()>("dealloc", (ptr, len))?;
    let result = String::from_utf8_lossy(&lua.result()?).into_owned();
    if answer < 0 { Err(format_err!("{result}")) } else { Ok(result) }
}

pub fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [module, file] => {
            let request = start(module.as_ref(), file.as_ref())?;
            println!("asked: {}", String::from_utf8_lossy(&request));
        }
        [module, file, answer] => println!("{}", go_on(module.as_ref(), file.as_ref(), answer)?),
        _ => eprintln!("snapshot MODULE FILE [ANSWER]"),
    }
    Ok(())
}
