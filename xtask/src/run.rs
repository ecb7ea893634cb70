//! `make run`: a small host on wasmi, which builds in seconds.

use std::ffi::OsStr;
use std::fs;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use wasmi::{Config, Engine, Instance, Linker, Memory, Module, Store, WasmParams, WasmResults};

const STATUS_EXIT: i32 = 20;
const OPTION_CLOCK: i32 = 16;
const FIGURE_EXIT_CODE: i32 = 37;

/// The files beside a script that are worth copying in; a project has no more.
const MOST_FILES: usize = 10_000;

/// An instance of the module.
struct Host {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

impl Host {
    fn new(wasm: &[u8]) -> Result<Self> {
        let mut config = Config::default();
        config.set_max_recursion_depth(10_000);
        config.set_max_stack_height(8 << 20);
        let engine = Engine::new(&config);
        let module = Module::new(&engine, wasm)?;
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
        let memory = instance.get_memory(&store, "memory").context("the module exports no memory")?;
        Ok(Self { store, instance, memory })
    }

    fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, arguments: P) -> Result<R> {
        let function = self.instance.get_typed_func::<P, R>(&self.store, name)?;
        function.call(&mut self.store, arguments).with_context(|| format!("the call of {name} trapped"))
    }

    /// A buffer of the module that holds `bytes`.
    fn put(&mut self, bytes: &[u8]) -> Result<(i32, i32)> {
        let len = i32::try_from(bytes.len()).context("more than 2 GiB do not fit the module's memory")?;
        let ptr: i32 = self.call("alloc", len)?;
        ensure!(ptr != 0, "the module has no memory for {len} bytes");
        self.memory.write(&mut self.store, ptr as u32 as usize, bytes)?;
        Ok((ptr, len))
    }

    fn get(&mut self, ptr: &str, len: &str) -> Result<Vec<u8>> {
        let ptr: i32 = self.call(ptr, ())?;
        let len: i32 = self.call(len, ())?;
        let mut bytes = vec![0; len as u32 as usize];
        self.memory.read(&self.store, ptr as u32 as usize, &mut bytes)?;
        Ok(bytes)
    }

    fn write_file(&mut self, name: &str, contents: &[u8]) -> Result<()> {
        let name_at = self.put(name.as_bytes())?;
        let contents_at = self.put(contents)?;
        let status: i32 = self.call("write_file", (name_at.0, name_at.1, contents_at.0, contents_at.1))?;
        ensure!(status == 0, "the module refused the file {name} with status {status}");
        self.call::<_, ()>("dealloc", contents_at)?;
        self.call("dealloc", name_at)
    }
}

/// The .lua files in and below `folder`, in order.
fn lua_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        if found.len() >= MOST_FILES || entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if kind.is_dir() {
            // A folder that may not be read holds nothing that can be required.
            let _ = lua_files(&path, found);
        } else if kind.is_file() && path.extension() == Some(OsStr::new("lua")) {
            found.push(path);
        }
    }
    Ok(())
}

/// Copies the script, its neighbours and standard input into the instance; answers the script's name there.
fn copy_in(host: &mut Host, script: &Path) -> Result<String> {
    let source = fs::read(script).with_context(|| format!("cannot read the script {}", script.display()))?;
    let name = script.file_name().context("the script is no file")?.to_string_lossy().into_owned();
    let folder = script.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut files = Vec::new();
    lua_files(folder, &mut files)?;
    for path in files {
        let within = path.strip_prefix(folder)?.to_string_lossy().into_owned();
        host.write_file(&within, &fs::read(&path)?)?;
    }
    host.write_file(&name, &source)?;
    if !std::io::stdin().is_terminal() {
        let mut input = Vec::new();
        std::io::stdin().read_to_end(&mut input)?;
        host.write_file("/dev/stdin", &input)?;
    }
    Ok(name)
}

/// Runs `script` through the module `wasm`; fails when the script does, or exits with its code.
pub fn run(wasm: &Path, script: &Path) -> Result<ExitCode> {
    let mut host = Host::new(&fs::read(wasm)?)?;
    let name = copy_in(&mut host, script)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
    host.call::<_, i32>("set", (OPTION_CLOCK, now))?;

    let chunk = format!("return dofile({})", lua_string(&name));
    let (ptr, len) = host.put(chunk.as_bytes())?;
    let answer: i32 = host.call("compute", (ptr, len))?;
    let output = host.get("output_ptr", "output_len")?;
    std::io::stdout().write_all(&output)?;
    let result = host.get("result_ptr", "result_len")?;
    if answer == -STATUS_EXIT {
        let code: f64 = host.call("get", FIGURE_EXIT_CODE)?;
        return Ok(ExitCode::from(code as i64 as u8));
    }
    if answer < 0 {
        eprintln!("{}\n(status {})", String::from_utf8_lossy(&result), -answer);
        return Ok(ExitCode::FAILURE);
    }
    if !result.is_empty() {
        std::io::stdout().write_all(&result)?;
        println!();
    }
    Ok(ExitCode::SUCCESS)
}

/// `name` as a string literal of Lua.
fn lua_string(name: &str) -> String {
    let escaped: String = name.bytes().map(|byte| format!("\\{byte:03}")).collect();
    if name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\') {
        format!("\"{name}\"")
    } else {
        format!("\"{escaped}\"")
    }
}
