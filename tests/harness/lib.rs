//! The harness: a host for the built modules on wasmtime, which uses nothing but the ABI.

pub mod calls;
pub mod jobs;
pub mod kernels;
pub mod model;
pub mod numbers;
pub mod scripts;
pub mod sequences;
pub mod snapshot;
pub mod tables;
pub mod values;
mod version;

use wasmtime::{
    Engine, Instance, Memory, Module, Store, StoreLimits, StoreLimitsBuilder, Trap, WasmParams, WasmResults,
};

use jobs::Job;

pub use numbers::{info, option, status};
use version::engine_config;
pub use version::{Version, engine, is_mini};

/// Every library that the modules under test hold, all of `debug` among them, which the option LIBRARIES leaves out at the start.
pub fn held_libraries() -> u32 {
    if is_mini() { 1 | 4 | 32 | 128 | 256 | 512 | 2048 } else { 8191 }
}

/// What a run export left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What the export answered.
    pub answer: i32,
    /// The result or the error message.
    pub result: Vec<u8>,
    /// What the run wrote to the output, which is cleared.
    pub output: Vec<u8>,
}

impl Run {
    pub fn status(&self) -> i32 {
        if self.answer < 0 { -self.answer } else { 0 }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.result).into_owned()
    }

    pub fn output_text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }
}

/// The block at `info_ptr`, as it was when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info(pub [u8; Self::SIZE as usize]);

impl Info {
    pub const SIZE: u32 = 64;

    fn bytes<const N: usize>(&self, offset: u32) -> [u8; N] {
        self.0[offset as usize..][..N].try_into().expect("so many bytes")
    }

    /// The word at `offset`.
    pub fn word(&self, offset: u32) -> i32 {
        i32::from_le_bytes(self.bytes(offset))
    }

    /// The number at `offset`, of 64 bits.
    pub fn number(&self, offset: u32) -> f64 {
        f64::from_le_bytes(self.bytes(offset))
    }
}

/// An instance.
pub struct Lua {
    pub store: Store<StoreLimits>,
    pub instance: Instance,
    pub memory: Memory,
}

impl Lua {
    pub fn new(version: Version) -> Self {
        Self::from_module(version.module(), StoreLimits::default())
    }

    /// An instance of the mini variant.
    pub fn mini(version: Version) -> Self {
        Self::from_module(version.mini_module(), StoreLimits::default())
    }

    /// An instance whose memory the engine will not grow beyond `pages` of 64 KiB.
    pub fn with_pages(version: Version, pages: usize) -> Self {
        Self::from_module(version.module(), StoreLimitsBuilder::new().memory_size(pages << 16).build())
    }

    /// An instance on an engine that counts fuel, with plenty of it.
    pub fn metered(version: Version) -> Self {
        Self::from_module(version.metered_module(), StoreLimits::default())
    }

    /// An instance on an engine that tears down whatever still runs after so many seconds.
    pub fn with_seconds(version: Version, seconds: u64) -> Self {
        let mut lua = Self::from_module(version.interruptible_module(), StoreLimits::default());
        lua.store.set_epoch_deadline(seconds);
        lua
    }

    /// An instance on an engine whose own stack has no more than `bytes`.
    pub fn with_stack(version: Version, bytes: usize) -> Self {
        let mut config = engine_config();
        config.max_wasm_stack(bytes);
        let engine = Engine::new(&config).expect("an engine");
        let module = Module::new(&engine, version.bytes()).expect("a valid module");
        Self::from_module(&module, StoreLimits::default())
    }

    /// An instance of any module that has the ABI.
    pub fn from_module(module: &Module, limits: StoreLimits) -> Self {
        let mut store = Store::new(module.engine(), limits);
        store.limiter(|limits| limits);
        // Refused where the engine does not count fuel.
        let _ = store.set_fuel(u64::MAX);
        let instance = Instance::new(&mut store, module, &[]).expect("a module without imports");
        let memory = instance.get_memory(&mut store, "memory").expect("an exported memory");
        Self { store, instance, memory }
    }

    /// Calls an export; an error is a trap.
    pub fn try_call<P: WasmParams, R: WasmResults>(&mut self, name: &str, arguments: P) -> Result<R, Trap> {
        let function =
            self.instance.get_typed_func::<P, R>(&mut self.store, name).expect("an export of that signature");
        function.call(&mut self.store, arguments).map_err(|error| error.downcast::<Trap>().expect("a trap"))
    }

    /// Calls an export that does not trap.
    pub fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, arguments: P) -> R {
        self.try_call(name, arguments).unwrap_or_else(|trap| panic!("{name} trapped: {trap}"))
    }

    /// A buffer of the instance that holds `bytes`; `None` when it has no memory for it.
    pub fn try_put(&mut self, bytes: &[u8]) -> Option<(u32, u32)> {
        let len = u32::try_from(bytes.len()).expect("less than 4 GiB");
        let ptr: u32 = self.call("alloc", len);
        if ptr == 0 {
            return None;
        }
        self.memory.write(&mut self.store, ptr as usize, bytes).expect("the buffer lies in memory");
        Some((ptr, len))
    }

    pub fn put(&mut self, bytes: &[u8]) -> (u32, u32) {
        self.try_put(bytes).expect("memory for a buffer")
    }

    pub fn take(&mut self, buffer: (u32, u32)) {
        self.call::<_, ()>("dealloc", buffer);
    }

    pub fn read(&mut self, ptr: u32, len: u32) -> Vec<u8> {
        let mut bytes = vec![0; len as usize];
        self.memory.read(&self.store, ptr as usize, &mut bytes).expect("bytes in memory");
        bytes
    }

    /// The block at `info_ptr`.
    pub fn info(&mut self) -> Info {
        let ptr = self.call("info_ptr", ());
        Info(self.read(ptr, Info::SIZE).try_into().expect("so many bytes"))
    }

    pub fn result(&mut self) -> Vec<u8> {
        let (ptr, len) = (self.call("result_ptr", ()), self.call("result_len", ()));
        self.read(ptr, len)
    }

    /// The output so far, which is cleared.
    pub fn drain(&mut self) -> Vec<u8> {
        let (ptr, len) = (self.call("output_ptr", ()), self.call("output_len", ()));
        let output = self.read(ptr, len);
        assert_eq!(self.call::<_, i32>("output_clear", ()), status::OK);
        output
    }

    /// The error output so far, which is cleared.
    pub fn drain_errors(&mut self) -> Vec<u8> {
        let (ptr, len) = (self.call("error_output_ptr", ()), self.call("error_output_len", ()));
        let output = self.read(ptr, len);
        assert_eq!(self.call::<_, i32>("error_output_clear", ()), status::OK);
        output
    }

    /// Runs a chunk, of any bytes.
    pub fn run(&mut self, source: impl AsRef<[u8]>) -> Run {
        let buffer = self.put(source.as_ref());
        let answer = self.call("compute", buffer);
        self.take(buffer);
        let run = Run { answer, result: self.result(), output: self.drain() };
        assert_eq!(run.status(), self.call::<_, i32>("status", ()), "status agrees with the answer");
        if answer >= 0 {
            assert_eq!(answer as usize, run.result.len(), "the answer is the result's length");
        }
        run
    }

    /// Calls a run export with a task's id and data.
    fn run_task(&mut self, export: &str, task: i32, data: &[u8]) -> Run {
        let (ptr, len) = self.put(data);
        let answer = self.call(export, (task, ptr, len));
        self.take((ptr, len));
        Run { answer, result: self.result(), output: self.drain() }
    }

    /// Calls the function that the first value of the array in `data` names.
    pub fn call_function(&mut self, data: &[u8]) -> Run {
        self.run_data("call", data)
    }

    /// Runs the source that the array in `data` starts with, under the name and with the arguments that follow.
    pub fn eval_data(&mut self, data: &[u8]) -> Run {
        self.run_data("eval", data)
    }

    /// The list of suspended tasks, or the status that refused it.
    pub fn tasks(&mut self) -> Result<Vec<u8>, i32> {
        let answer: i32 = self.call("tasks", ());
        if answer < 0 { Err(-answer) } else { Ok(self.result()) }
    }

    /// What a task was suspended with, once more.
    pub fn request(&mut self, task: i32) -> Run {
        let answer = self.call("request", task);
        Run { answer, result: self.result(), output: Vec::new() }
    }

    /// Lets go of the handles that the array in `data` lists; the status.
    pub fn release(&mut self, data: &[u8]) -> i32 {
        let buffer = self.put(data);
        let status = self.call("release", buffer);
        self.take(buffer);
        status
    }

    /// Calls a run export with data.
    fn run_data(&mut self, export: &str, data: &[u8]) -> Run {
        let buffer = self.put(data);
        let answer = self.call(export, buffer);
        self.take(buffer);
        Run { answer, result: self.result(), output: self.drain() }
    }

    /// The task that was suspended last.
    pub fn task(&mut self) -> i32 {
        self.call("task", ())
    }

    /// Goes on with a task, with the values of the array in `data`, or none.
    pub fn resume(&mut self, task: i32, data: &[u8]) -> Run {
        self.run_task("resume", task, data)
    }

    /// Goes on with a task, with the value in `data` raised as an error.
    pub fn raise(&mut self, task: i32, data: &[u8]) -> Run {
        self.run_task("raise", task, data)
    }

    /// Ends a task; the status.
    pub fn cancel(&mut self, task: i32) -> i32 {
        self.call("cancel", task)
    }

    /// The numbers of the references that Lua dropped.
    pub fn dropped(&mut self) -> Run {
        let answer = self.call("dropped", ());
        Run { answer, result: self.result(), output: self.drain() }
    }

    /// What a chunk returns, which must end without an error.
    pub fn eval(&mut self, source: impl AsRef<[u8]>) -> String {
        let run = self.run(source);
        assert!(run.answer >= 0, "{}", run.text());
        run.text()
    }

    pub fn set(&mut self, key: u32, value: f64) -> i32 {
        self.call("set", (key, value))
    }

    pub fn get(&mut self, key: u32) -> f64 {
        self.call("get", key)
    }

    pub fn write_file(&mut self, name: impl AsRef<[u8]>, contents: &[u8]) -> i32 {
        let (name, contents) = (self.put(name.as_ref()), self.put(contents));
        let status = self.call("write_file", (name.0, name.1, contents.0, contents.1));
        self.take(contents);
        self.take(name);
        status
    }

    /// Sets the time zone by a TZ string.
    pub fn time_zone(&mut self, text: impl AsRef<[u8]>) -> i32 {
        let buffer = self.put(text.as_ref());
        let status = self.call("time_zone", buffer);
        self.take(buffer);
        status
    }

    /// Adds to standard input; no bytes are its end.
    pub fn write_input(&mut self, bytes: &[u8]) -> i32 {
        let buffer = self.put(bytes);
        let status = self.call("write_input", buffer);
        self.take(buffer);
        status
    }

    /// A file's contents, or the status that refused it.
    pub fn read_file(&mut self, name: impl AsRef<[u8]>) -> Result<Vec<u8>, i32> {
        let buffer = self.put(name.as_ref());
        let answer: i32 = self.call("read_file", buffer);
        self.take(buffer);
        if answer < 0 { Err(-answer) } else { Ok(self.result()) }
    }

    pub fn remove_file(&mut self, name: impl AsRef<[u8]>) -> i32 {
        let buffer = self.put(name.as_ref());
        let status = self.call("remove_file", buffer);
        self.take(buffer);
        status
    }

    /// The list of all files as MessagePack, or the status that refused it.
    pub fn list_files(&mut self) -> Result<Vec<u8>, i32> {
        let answer: i32 = self.call("list_files", ());
        if answer < 0 { Err(-answer) } else { Ok(self.result()) }
    }

    /// All of memory, which between calls is all of the instance ([`snapshot`] has the form in which it is stored).
    pub fn snapshot(&self) -> Vec<u8> {
        self.memory.data(&self.store).to_vec()
    }

    /// Brings the state of a [`snapshot`](Self::snapshot) into this instance, whatever it is.
    pub fn restore(&mut self, snapshot: &[u8]) {
        let pages = ((snapshot.len() >> 16) as u64).saturating_sub(self.memory.size(&self.store));
        self.memory.grow(&mut self.store, pages).expect("memory for the snapshot");
        let (copy, beyond) = self.memory.data_mut(&mut self.store).split_at_mut(snapshot.len());
        copy.copy_from_slice(snapshot);
        beyond.fill(0);
    }

    /// Sets the options and writes the files that a job names.
    pub fn prepare(&mut self, job: &Job) {
        for (key, value) in &job.options {
            assert_eq!(self.set(*key, *value), status::OK, "option {key}");
        }
        for (name, contents) in &job.files {
            assert_eq!(self.write_file(name, contents), status::OK, "file {name}");
        }
    }

    /// The sentence that every limit and error must leave true.
    pub fn assert_usable(&mut self) {
        let run = self.run("return 2+2");
        assert_eq!((run.answer, run.text().as_str()), (1, "4"), "after a limit or error, return 2+2 gives 4");
    }
}

/// Numbers that look random and are the same in each run (splitmix64).
pub struct Random(pub u64);

impl Random {
    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % end
    }

    /// One of `choices`.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u64) as usize]
    }
}
