//! The vectors that all host packages are tested with, on each engine, and through this crate's own codec.

use moonlet::engine::{Engine, Export, Instance, Runtime};
use moonlet::{Lua, Value, Version};

type Vector = serde_json::Map<String, serde_json::Value>;

const FORMAT: u32 = 9;

fn vectors(json: &str) -> Vec<Vector> {
    serde_json::from_str(json).expect("an array of objects")
}

fn text<'a>(vector: &'a Vector, key: &str) -> &'a str {
    vector[key].as_str().expect("a string")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("two digits");
    (0..text.len()).step_by(2).map(digits).collect()
}

/// An instance with nothing on it but data put in and taken out.
struct Bare(Box<dyn Instance>);

impl Bare {
    fn new(engine: &Engine, vector: &Vector) -> Self {
        let mut instance = engine.instantiate().expect("an instance");
        assert_eq!(instance.set(FORMAT, 1.0).expect("no trap"), 0);
        for (key, value) in
            vector.get("options").and_then(|options| options.as_object()).into_iter().flatten()
        {
            let key = key.parse().expect("a number");
            assert_eq!(instance.set(key, value.as_f64().expect("a number")).expect("no trap"), 0);
        }
        Self(instance)
    }

    fn call(&mut self, export: Export, arguments: [u32; 4]) -> i32 {
        self.0.call(export, arguments).expect("no trap")
    }

    /// Calls an export with data: the status, and the result.
    fn give(&mut self, export: Export, task: Option<u32>, data: &[u8]) -> (i32, Vec<u8>) {
        let len = data.len() as u32;
        let ptr = self.call(Export::Alloc, [len, 0, 0, 0]).cast_unsigned();
        assert!(self.0.write(ptr, data));
        let answer = match task {
            Some(task) => self.call(export, [task, ptr, len, 0]),
            None => self.call(export, [ptr, len, 0, 0]),
        };
        self.call(Export::Dealloc, [ptr, len, 0, 0]);
        (-answer.min(0), self.result())
    }

    fn word(&mut self, at: u32) -> u32 {
        let info = self.call(Export::InfoPtr, [0; 4]).cast_unsigned();
        let mut bytes = [0; 4];
        assert!(self.0.read(info + at, &mut bytes));
        u32::from_le_bytes(bytes)
    }

    fn result(&mut self) -> Vec<u8> {
        let (ptr, len) = (self.word(16), self.word(20));
        let mut bytes = vec![0; len as usize];
        assert!(self.0.read(ptr, &mut bytes));
        bytes
    }

    fn step(&mut self, name: &str, step: &Vector) {
        let task = self.word(8);
        let action =
            step.keys().find(|key| !["status", "result"].contains(&key.as_str())).expect("an action");
        let bytes = |key: &str| unhex(text(step, key));
        let run = match action.as_str() {
            "compute" => self.give(Export::Compute, None, text(step, "compute").as_bytes()),
            "call" => self.give(Export::Call, None, &bytes("call")),
            "resume" => self.give(Export::Resume, Some(task), &bytes("resume")),
            "raise" => self.give(Export::Raise, Some(task), &bytes("raise")),
            "dropped" => (-self.call(Export::Dropped, [0; 4]).min(0), self.result()),
            "compact" => return assert!(!self.0.compact().expect("no trap").is_nan()),
            "set" => {
                let [key, value] = [0, 1].map(|at: usize| step["set"][at].as_f64().expect("a number"));
                return assert_eq!(self.0.set(key as u32, value).expect("no trap"), 0, "{name}");
            }
            other => panic!("{name}: no step is called {other}"),
        };
        compare(name, step, &run);
    }
}

fn compare(name: &str, expected: &Vector, (status, result): &(i32, Vec<u8>)) {
    assert!(expected.contains_key("status") || expected.contains_key("result"), "{name} expects nothing");
    if let Some(expected) = expected.get("status") {
        assert_eq!(expected.as_i64(), Some(i64::from(*status)), "{name}");
    }
    if let Some(expected) = expected.get("result") {
        assert_eq!(expected.as_str(), Some(hex(result).as_str()), "{name}");
    }
}

/// All of the vectors on one engine; how many there were.
pub fn run(engine: &Engine) -> usize {
    let mut count = 0;
    for vector in vectors(include_str!("../../../../tests/vectors/values.json")) {
        let run = Bare::new(engine, &vector).give(Export::Compute, None, text(&vector, "source").as_bytes());
        compare(text(&vector, "name"), &vector, &run);
        count += 1;
    }
    for vector in vectors(include_str!("../../../../tests/vectors/calls.json")) {
        let mut bare = Bare::new(engine, &vector);
        assert_eq!(bare.give(Export::Compute, None, text(&vector, "define").as_bytes()).0, 0);
        let run = bare.give(Export::Call, None, &unhex(text(&vector, "arguments")));
        compare(text(&vector, "name"), &vector, &run);
        count += 1;
    }
    for vector in vectors(include_str!("../../../../tests/vectors/malformed.json")) {
        let mut bare = Bare::new(engine, &vector);
        let run = bare.give(Export::Call, None, &unhex(text(&vector, "arguments")));
        compare(text(&vector, "name"), &vector, &run);
        assert_eq!(bare.give(Export::Compute, None, b"return 2+2").1, [0x91, 4]);
        count += 1;
    }
    for vector in vectors(include_str!("../../../../tests/vectors/conversations.json")) {
        let mut bare = Bare::new(engine, &vector);
        for (number, step) in (1..).zip(vector["steps"].as_array().expect("an array")) {
            let name = format!("{}, step {number}", text(&vector, "name"));
            bare.step(&name, step.as_object().expect("an object"));
        }
        count += 1;
    }
    count
}

fn on(runtime: Runtime) {
    for version in [Version::Lua54, Version::Lua55] {
        let engine = Engine::builder().runtime(runtime).version(version).build().expect("an engine");
        assert!(run(&engine) > 200, "all vectors were found");
    }
}

#[test]
fn the_vectors_hold_on_wasmtime() {
    on(Runtime::Wasmtime);
}

#[test]
fn the_vectors_hold_on_wasmi() {
    on(Runtime::Wasmi);
}

/// What a script returns is what it returns again when it was given it: the codec loses nothing that a vector has.
#[test]
fn the_codec_reads_and_writes_the_vectors() {
    for vector in vectors(include_str!("../../../../tests/vectors/values.json")) {
        // A mark that makes a table a map stays in the state.
        let marked = text(&vector, "source").contains("msgpack");
        if vector.contains_key("status") || vector.contains_key("options") || marked {
            continue;
        }
        let lua = Lua::builder().nulls(true).build().expect("a state");
        let moonlet::Variadic::<Value>(values) = lua.eval(text(&vector, "source")).expect("values");
        let name = text(&vector, "name");
        lua.load("given = table.pack(...)").call::<()>(moonlet::Variadic(values.clone())).expect(name);
        let moonlet::Variadic::<Value>(again) =
            lua.eval("return table.unpack(given, 1, given.n)").expect(name);
        assert_eq!(format!("{again:?}"), format!("{values:?}"), "{name}");
    }
}

/// The value that JSON shows.
fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Number(number) => Value::Integer(number.as_i64().expect("an integer")),
        serde_json::Value::Object(map) => {
            Value::Map(map.iter().map(|(key, field)| (Value::from(key.as_str()), value(field))).collect())
        }
        other => panic!("no error has {other}"),
    }
}

#[test]
fn errors_tell_what_the_vectors_say() {
    let all = vectors(include_str!("../../../../tests/vectors/errors.json"));
    for (version, vector) in [Version::Lua54, Version::Lua55]
        .into_iter()
        .flat_map(|version| all.iter().map(move |one| (version, one)))
    {
        let name = text(vector, "name");
        let mut builder = Lua::builder().version(version);
        for (number, limit) in
            vector.get("options").and_then(|options| options.as_object()).into_iter().flatten()
        {
            let limit = limit.as_u64().expect("a limit");
            builder = match number.as_str() {
                "1" => builder.memory(limit),
                "2" => builder.fuel(limit),
                "5" => builder.result(limit),
                other => panic!("{name}: option {other}"),
            };
        }
        let lua = builder.build().expect("a state");
        let error =
            lua.load(text(vector, "source")).name(text(vector, "chunk")).call::<()>(()).expect_err(name);
        assert_eq!(Some(i64::from(error.status())), vector["status"].as_i64(), "{name}: {error}");
        let expected = vector["error"].as_object().expect("fields");
        let field = |key: &str| expected.get(key).and_then(|field| field.as_str());
        assert_eq!((Some(error.message()), error.chunk()), (field("message"), field("chunk")), "{name}");
        let line = expected.get("line").and_then(|line| line.as_u64());
        assert_eq!(error.line().map(u64::from), line, "{name}");
        assert_eq!(error.value(), expected.get("value").map(value).as_ref(), "{name}");
        let mut levels = error.traceback().unwrap_or_default().lines().map(str::trim);
        for wanted in vector.get("traceback").and_then(|lines| lines.as_array()).into_iter().flatten() {
            assert!(
                levels.any(|level| Some(level) == wanted.as_str()),
                "{name}: {wanted} in {:?}",
                error.traceback()
            );
        }
    }
}
