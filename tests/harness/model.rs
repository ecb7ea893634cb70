//! What ABI.md says of an instance, so that tests can tell the right answer of each call from what went before.

use std::collections::BTreeMap;
use std::fmt;

use crate::{Version, option, status};

/// Values at which an option changes its mind.
#[rustfmt::skip]
pub const VALUES: [f64; 32] = [
    f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.0, 1023.0, 1024.0, 1440.0, -1440.0, 1441.0,
    -1441.0, 2_147_483_647.0, 2_147_483_648.0, -2_147_483_648.0, 4_294_967_295.0, 4_294_967_296.0, 9_007_199_254_740_992.0,
    9_007_199_254_740_994.0, -9_007_199_254_740_994.0, 9_223_372_036_854_775_808.0, 18_446_744_073_709_551_616.0, 1e308, -1e308,
    f64::MIN_POSITIVE, f64::EPSILON, f64::MAX,
];

/// The options, and what they are in a fresh instance.
pub const OPTIONS: [(u32, f64); 15] = [
    (option::MEMORY, 0.0),
    (option::FUEL, 0.0),
    (option::SLICE, 0.0),
    (option::OUTPUT, 0.0),
    (option::RESULT, 0.0),
    (option::HOST_CALLS, 0.0),
    (option::LIBRARIES, 4095.0),
    (option::BINARY_CHUNKS, 0.0),
    (option::FORMAT, 0.0),
    (option::FINALIZERS, 1.0),
    (option::CLOCK, 0.0),
    (option::MONOTONIC, 0.0),
    (option::TIME_ZONE, 0.0),
    (option::SEED_LOW, 0.0),
    (option::SEED_HIGH, 0.0),
];

/// The figures: numbers that can be read only.
pub const FIGURES: [u32; 7] = [
    option::MEMORY_USED,
    option::MEMORY_PEAK,
    option::FUEL_USED,
    option::TASKS,
    option::HANDLES,
    option::EXIT_CODE,
    option::LUA_VERSION_NUM,
];

/// What `set` must answer, and so whether the option then has that value; `started` says whether there is a Lua state.
pub fn set_answer(key: u32, value: f64, started: bool) -> i32 {
    let whole = |least: f64, most: f64| value >= least && value <= most && value.fract() == 0.0;
    let allowed = match key {
        option::MEMORY
        | option::FUEL
        | option::SLICE
        | option::OUTPUT
        | option::RESULT
        | option::HOST_CALLS => whole(0.0, 2f64.powi(53)),
        option::LIBRARIES => whole(0.0, 4095.0),
        option::BINARY_CHUNKS | option::FINALIZERS => whole(0.0, 1.0),
        option::FORMAT => whole(0.0, 1.0),
        option::CLOCK | option::MONOTONIC => value.abs() <= 2f64.powi(53),
        option::TIME_ZONE => whole(-1440.0, 1440.0),
        option::SEED_LOW | option::SEED_HIGH => whole(0.0, 4_294_967_295.0),
        _ => return status::BAD_ARGUMENT,
    };
    match key {
        _ if !allowed => status::BAD_ARGUMENT,
        option::LIBRARIES | option::SEED_LOW | option::SEED_HIGH if started => status::BAD_STATE,
        _ => status::OK,
    }
}

/// The one name under which a path's file is kept: no empty parts, no `.`, no `..`.
pub fn normalize(path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join(&b'/')
}

/// What a run must end in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Status 0 and exactly this result.
    Returns(Vec<u8>),
    /// This status, and a message that starts so.
    Fails(i32, &'static str),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Returns(result) => write!(f, "{}, {:?}", status::OK, String::from_utf8_lossy(result)),
            Self::Fails(status, message) => write!(f, "{status}, {message:?}"),
        }
    }
}

/// The file that scripts write.
pub const SCRIPT_FILE: &[u8] = b"script.txt";

/// What a script does where nothing is in its way, to the model as to the instance; `None` when nobody can know.
type Does = fn(&mut Model) -> Option<Outcome>;

/// A chunk whose outcome the model knows.
pub struct Script {
    pub source: &'static str,
    /// Bits of the libraries without which its first step is an error.
    needs: u32,
    does: Does,
    /// Whether it goes on after an error, and so may return something else where memory is out.
    pub catches: bool,
}

const BASE: u32 = 1;
const COROUTINE: u32 = 4;
const IO: u32 = 16;
const OS: u32 = 64;
const STRING: u32 = 128;

const fn script(source: &'static str, needs: u32, does: Does) -> Script {
    Script { source, needs, does, catches: false }
}

const fn catching(source: &'static str, needs: u32, does: Does) -> Script {
    Script { source, needs, does, catches: true }
}

fn returns(text: impl AsRef<[u8]>) -> Option<Outcome> {
    Some(Outcome::Returns(text.as_ref().to_vec()))
}

fn fails(status: i32, message: &'static str) -> Option<Outcome> {
    Some(Outcome::Fails(status, message))
}

/// The scripts of the sequences; the first is the one that must always work.
pub const SCRIPTS: &[Script] = &[
    script("return 2+2", 0, |_| returns("4")),
    script("local nothing", 0, |_| returns("")),
    script("return 'a\\0b', nil, true", 0, |_| returns("a\0b\tnil\ttrue")),
    script("n = (n or 0) + 1 return n", 0, |model| {
        model.counter = model.counter.map(|counter| counter + 1);
        returns(model.counter?.to_string())
    }),
    script("return _VERSION", 0, |model| match (model.libraries? & BASE, model.version) {
        (0, _) => returns("nil"),
        (_, Version::Lua54) => returns("Lua 5.4"),
        (_, Version::Lua55) => returns("Lua 5.5"),
    }),
    script("x = = 1", 0, |_| fails(status::ERRSYNTAX, "[string \"x = = 1\"]:1: ")),
    script("error('failed', 0)", BASE, |_| fails(status::ERRRUN, "failed\nstack traceback:\n")),
    script("error({})", BASE, |_| {
        fails(status::ERRRUN, "(error object is a table value)\nstack traceback:\n")
    }),
    catching("return pcall(error, 'caught', 0)", BASE, |_| returns("false\tcaught")),
    script("return coroutine.wrap(function() return 'inside' end)()", COROUTINE, |_| returns("inside")),
    script("return ('y'):rep(5000)", STRING, |_| returns("y".repeat(5000))),
    script("kept = kept or {} kept[#kept + 1] = ('k'):rep(200):rep(100)", STRING, |_| returns("")),
    script("kept = nil collectgarbage()", BASE, |_| returns("")),
    script("local s, t = ('f'):rep(500), {} while true do t[#t + 1] = s:rep(100 + #t) end", STRING, |_| {
        fails(status::ERRMEM, "not enough memory")
    }),
    script("return ('z'):rep(1 << 30)", STRING, |_| fails(status::ERRMEM, "not enough memory")),
    script("io.write('line\\n')", IO, |model| model.write("line\n")),
    script("io.write(('o'):rep(3000))", IO | STRING, |model| model.write(&"o".repeat(3000))),
    script("os.exit(7)", OS, |model| {
        model.exit_code = 7.0;
        fails(status::EXIT, "")
    }),
    script("return os.time()", OS, |model| match model.get(option::CLOCK).floor() as i64 {
        // C's time() answers -1 when there is no time, and Lua takes it so.
        -1 => fails(status::ERRRUN, ""),
        time => returns(time.to_string()),
    }),
    script("return os.date('%z', 0)", OS, |model| {
        let minutes = model.get(option::TIME_ZONE) as i32;
        let sign = if minutes < 0 { '-' } else { '+' };
        returns(format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60))
    }),
    // An error in a finalizer is no error of the script.
    catching(
        "g = 0 setmetatable({}, {__gc = function() g = g + 1 end}) collectgarbage() return g",
        BASE,
        |model| returns((model.get(option::FINALIZERS) as i32).to_string()),
    ),
    catching("return load(string.dump(function() end)) ~= nil", BASE | STRING, |model| {
        returns((model.get(option::BINARY_CHUNKS) == 1.0).to_string())
    }),
    script("local f = io.open('script.txt', 'w') f:write('from Lua') f:close()", IO, |model| {
        model.files.insert(SCRIPT_FILE.to_vec(), Some(b"from Lua".to_vec()));
        returns("")
    }),
    catching("held = io.open('script.txt', 'a') return io.type(held)", IO, |model| {
        model.files.entry(SCRIPT_FILE.to_vec()).or_insert(Some(Vec::new()));
        returns("file")
    }),
    catching(
        "local f = io.open('script.txt') if not f then return 'missing' end local s = f:read('a') f:close() return s",
        IO,
        |model| match model.file(SCRIPT_FILE) {
            File::Missing => returns("missing"),
            File::Known(contents) => returns(contents),
            File::Unknown => None,
        },
    ),
    catching("return (os.remove('script.txt'))", OS, |model| {
        let file = model.file(SCRIPT_FILE);
        model.files.remove(SCRIPT_FILE);
        match file {
            File::Missing => returns("nil"),
            File::Known(_) => returns("true"),
            File::Unknown => None,
        }
    }),
];

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum File {
    Known(Vec<u8>),
    Missing,
    Unknown,
}

/// A buffer that the host holds.
#[derive(Clone, Debug)]
pub struct Buffer {
    pub ptr: u32,
    pub contents: Vec<u8>,
    /// By how much it raised the account, and so lowers it when it is given back.
    pub cost: f64,
}

/// An instance as ABI.md has it.
#[derive(Clone, Debug)]
pub struct Model {
    version: Version,
    options: BTreeMap<u32, f64>,
    /// Bits of the libraries that the state opened; `None` before the first run.
    libraries: Option<u32>,
    /// The global `n`, 0 when it is nil; `None` when nobody can know it.
    counter: Option<i64>,
    /// By normalized name; contents that nobody can know are `None`.
    pub files: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// There may be files of other names.
    unknown_files: bool,
    pub output: Vec<u8>,
    pub result: Vec<u8>,
    pub status: i32,
    exit_code: f64,
    pub buffers: Vec<Buffer>,
}

impl Model {
    /// A fresh instance.
    pub fn new(version: Version) -> Self {
        Self {
            version,
            options: OPTIONS.into_iter().collect(),
            libraries: None,
            counter: Some(0),
            files: BTreeMap::new(),
            unknown_files: false,
            output: Vec::new(),
            result: Vec::new(),
            status: status::OK,
            exit_code: 0.0,
            buffers: Vec::new(),
        }
    }

    /// Bits of the libraries that the state opened, or will open.
    fn opened(&self) -> u32 {
        self.libraries.unwrap_or(self.options[&option::LIBRARIES] as u32)
    }

    /// Whether there is a Lua state.
    pub fn started(&self) -> bool {
        self.libraries.is_some()
    }

    /// What `get` must answer for anything but the two figures of memory.
    pub fn get(&self, key: u32) -> f64 {
        match key {
            option::EXIT_CODE => self.exit_code,
            option::LUA_VERSION_NUM if self.version == Version::Lua54 => 504.0,
            option::LUA_VERSION_NUM => 505.0,
            _ => self.options.get(&key).copied().unwrap_or(f64::NAN),
        }
    }

    /// Takes over the value and says what `set` must answer.
    pub fn set(&mut self, key: u32, value: f64) -> i32 {
        let answer = set_answer(key, value, self.started());
        if answer == status::OK {
            self.options.insert(key, value);
        }
        answer
    }

    /// The option as a number of bytes.
    fn limit(&self, key: u32) -> f64 {
        let value = self.get(key);
        if value == 0.0 { f64::INFINITY } else { value }
    }

    /// A limit on memory, or infinity.
    pub fn memory_limit(&self) -> f64 {
        self.limit(option::MEMORY)
    }

    /// Whether so many bytes are over the option RESULT.
    pub fn too_big(&self, len: usize) -> bool {
        len as f64 > self.limit(option::RESULT)
    }

    fn write(&mut self, text: &str) -> Option<Outcome> {
        if (self.output.len() + text.len()) as f64 > self.limit(option::OUTPUT) {
            return fails(status::ERRRUN, "");
        }
        self.output.extend_from_slice(text.as_bytes());
        returns("")
    }

    /// What `read_file` finds under the normalized name.
    pub fn file(&self, name: &[u8]) -> File {
        match self.files.get(name) {
            Some(Some(contents)) => File::Known(contents.clone()),
            Some(None) => File::Unknown,
            None if self.unknown_files => File::Unknown,
            None => File::Missing,
        }
    }

    /// The names of all files, and of some more; `None` when nobody can know them.
    pub fn names(&self) -> Option<impl Iterator<Item = &Vec<u8>>> {
        (!self.unknown_files).then(|| self.files.keys())
    }

    /// Any file may have been written.
    pub fn forget_files(&mut self) {
        self.unknown_files = true;
        self.files.values_mut().for_each(|contents| *contents = None);
        self.files.insert(SCRIPT_FILE.to_vec(), None);
    }

    /// Runs the script and says how that must end; `None` when it depends on what nobody can know.
    pub fn run(&mut self, script: &Script) -> Option<Outcome> {
        let libraries = self.opened();
        self.libraries = Some(libraries);
        if libraries & script.needs != script.needs {
            return fails(status::ERRRUN, "[string ");
        }
        match (script.does)(self)? {
            Outcome::Returns(result) if self.too_big(result.len()) => fails(status::TOO_BIG, ""),
            outcome => Some(outcome),
        }
    }

    /// A run may have done anything that the scripts do, and left this output.
    pub fn forget(&mut self, started: bool, output: Vec<u8>, exit_code: f64) {
        self.libraries = started.then(|| self.opened());
        self.counter = None;
        self.files.insert(SCRIPT_FILE.to_vec(), None);
        self.output = output;
        self.exit_code = exit_code;
    }

    /// Drops the state, the output and the result.
    pub fn reset(&mut self) {
        self.libraries = None;
        self.counter = Some(0);
        self.output.clear();
        self.result.clear();
        self.status = status::OK;
    }
}
