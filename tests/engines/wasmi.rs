//! The jobs on wasmi, in this process.

use moonlet_tests::jobs::Job;
use moonlet_tests::{Run, status};
use wasmi::{Config, Engine, Error, Instance, Linker, Memory, Module, Store, Val, WasmParams, WasmResults};

use crate::{Outcome, USABLE, counted};

/// No proposal beyond those that a module's file needs, as ABI.md and the README name them.
fn config(settings: &[(String, u32)]) -> Config {
    let mut config = Config::default();
    config
        .wasm_tail_call(false)
        .wasm_multi_memory(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        .wasm_extended_const(false)
        .wasm_reference_types(false);
    for (setting, value) in settings {
        let value = *value as usize;
        match setting.as_str() {
            "max_recursion_depth" => config.set_max_recursion_depth(value),
            "max_stack_height" => config.set_max_stack_height(value),
            _ => panic!("wasmi has no {setting}"),
        };
    }
    config
}

struct Host {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

impl Host {
    fn new(module: &Module) -> Self {
        let mut store = Store::new(module.engine(), ());
        let linker = Linker::new(module.engine());
        let instance = linker.instantiate_and_start(&mut store, module).expect("a module without imports");
        let memory = instance.get_memory(&store, "memory").expect("an exported memory");
        Self { store, instance, memory }
    }

    fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, arguments: P) -> Result<R, Error> {
        self.instance.get_typed_func::<P, R>(&self.store, name)?.call(&mut self.store, arguments)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(u32, u32), Error> {
        let len = u32::try_from(bytes.len()).expect("less than 4 GiB");
        let ptr: u32 = self.call("alloc", len)?;
        if ptr == 0 {
            return Err(Error::new(format!("alloc({len}) answered 0")));
        }
        self.memory.write(&mut self.store, ptr as usize, bytes)?;
        Ok((ptr, len))
    }

    fn get(&mut self, ptr: &str, len: &str) -> Result<Vec<u8>, Error> {
        let (ptr, len): (u32, u32) = (self.call(ptr, ())?, self.call(len, ())?);
        let mut bytes = vec![0; len as usize];
        self.memory.read(&self.store, ptr as usize, &mut bytes)?;
        Ok(bytes)
    }

    fn prepare(&mut self, job: &Job) -> Result<(), Error> {
        for (key, value) in &job.options {
            assert_eq!(self.call::<_, i32>("set", (*key, *value))?, status::OK, "option {key}");
        }
        for (name, contents) in &job.files {
            let (name_at, contents_at) = (self.put(name.as_bytes())?, self.put(contents)?);
            let arguments = (name_at.0, name_at.1, contents_at.0, contents_at.1);
            assert_eq!(self.call::<_, i32>("write_file", arguments)?, status::OK, "file {name}");
            self.call::<_, ()>("dealloc", contents_at)?;
            self.call::<_, ()>("dealloc", name_at)?;
        }
        Ok(())
    }

    fn run(&mut self, chunk: &str) -> Result<Run, Error> {
        let source = self.put(chunk.as_bytes())?;
        let answer = self.call("compute", source)?;
        self.call::<_, ()>("dealloc", source)?;
        let result = self.get("result_ptr", "result_len")?;
        let output = self.get("output_ptr", "output_len")?;
        self.call::<_, i32>("output_clear", ())?;
        Ok(Run { answer, result, output })
    }

    /// What a run leaves; after one that the engine tore down, what the instance answers from then on.
    fn attempt(&mut self, chunk: &str) -> (Run, Option<String>) {
        match self.run(chunk) {
            Ok(run) => (run, None),
            Err(error) => {
                let answer = self.call("compute", (0, 0)).expect("a poisoned instance answers");
                (Run { answer, result: Vec::new(), output: Vec::new() }, Some(error.to_string()))
            }
        }
    }

    fn assertions(&self) -> u64 {
        let counter = self.instance.get_global(&self.store, counted::COUNTER);
        counter.map_or(0, |counter| match counter.get(&self.store) {
            Val::I32(count) => u64::from(count as u32),
            other => panic!("a count, not {other:?}"),
        })
    }

    fn outcome(mut self, job: &Job) -> Outcome {
        self.prepare(job).expect("no trap");
        let (run, trap) = self.attempt(&job.chunk);
        let (after, _) = self.attempt(USABLE);
        Outcome { trap, run, after, assertions: self.assertions() }
    }
}

/// Does the jobs, each in a fresh instance.
pub fn outcomes(module: &[u8], jobs: &[Job], settings: &[(String, u32)]) -> Vec<Outcome> {
    let engine = Engine::new(&config(settings));
    let module = Module::new(&engine, module).expect("a valid module");
    jobs.iter().map(|job| Host::new(&module).outcome(job)).collect()
}
