//! What ABI.md says of an instance, so that tests can tell the right answer of each call from what went before.

mod options;

use std::collections::{BTreeMap, BTreeSet};

pub use options::{FIGURES, OPTIONS, VALUES, set_answer};

use crate::scripts::{Answer, Outcome, SCRIPT_FILE, Script};
use crate::values::{Form, Value, pack_length};
use crate::{Version, held_libraries, option, status};

/// No more fuel than this is what [`Script::long`] exceeds, and all others may.
const SCARCE: f64 = 255.0 * 4096.0;

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

/// The devices, by their normalized names; `dev/stdin` is a file to the host.
pub const DEVICES: [&[u8]; 5] = [b"dev/null", b"dev/full", b"dev/stdin", b"dev/stdout", b"dev/stderr"];

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

/// How far a task has come.
#[derive(Clone)]
pub struct Progress {
    pub script: &'static Script,
    /// Those to its host calls so far.
    pub answers: Vec<Answer>,
    /// Host calls that reached the host.
    pub calls: u64,
    /// Bytes of its output that are written.
    pub written: usize,
    /// Whether a limit kept a host call of the last run from the host.
    pub refused: bool,
}

/// A task that waits.
#[derive(Clone)]
pub struct Task {
    pub id: i32,
    /// The status it was suspended with.
    pub kind: i32,
    /// Whether its result is text.
    pub text: bool,
    /// The result that it was suspended with.
    pub request: Vec<u8>,
    /// Units of fuel used.
    pub used: i64,
    /// `None` when nobody can know what it will do.
    pub progress: Option<Progress>,
}

/// An instance as ABI.md has it.
#[derive(Clone)]
pub struct Model {
    pub version: Version,
    options: BTreeMap<u32, f64>,
    /// Bits of the libraries that the state opened; `None` before the first run.
    libraries: Option<u32>,
    /// The global `n`, 0 when it is nil; `None` when nobody can know it.
    pub counter: Option<i64>,
    /// By normalized name; contents that nobody can know are `None`.
    pub files: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// There may be files of other names.
    unknown_files: bool,
    /// How `%z` shows the start of 1970, where `time_zone` was the last to say.
    pub zone: Option<&'static str>,
    pub output: Vec<u8>,
    pub errors: Vec<u8>,
    /// What is left of standard input that waits, and whether that is all; `None` when nobody can know it.
    pub input: Option<(Vec<u8>, bool)>,
    pub result: Vec<u8>,
    pub status: i32,
    /// What the last run export answered.
    pub answer: i32,
    pub exit_code: f64,
    pub buffers: Vec<Buffer>,
    pub tasks: Vec<Task>,
    /// The task suspended last, and the latest id seen.
    pub last: i32,
    pub latest: i32,
    pub handles: Vec<u32>,
    /// References that Lua has and the host was not told of since; `None` when there may be any.
    pub references: Option<BTreeSet<u32>>,
    /// Handles that nobody knows the numbers of.
    pub loose: usize,
}

impl Model {
    /// A fresh instance.
    pub fn new(version: Version) -> Self {
        Self {
            version,
            options: OPTIONS
                .into_iter()
                .chain([(option::LIBRARIES, f64::from(held_libraries() & 4095))])
                .collect(),
            libraries: None,
            counter: Some(0),
            files: BTreeMap::new(),
            unknown_files: false,
            zone: None,
            output: Vec::new(),
            errors: Vec::new(),
            input: Some((Vec::new(), false)),
            result: Vec::new(),
            status: status::OK,
            answer: 0,
            exit_code: 0.0,
            buffers: Vec::new(),
            tasks: Vec::new(),
            last: 0,
            latest: 0,
            handles: Vec::new(),
            references: Some(BTreeSet::new()),
            loose: 0,
        }
    }

    /// Bits of the libraries that the state opened, or will open.
    pub fn opened(&self) -> u32 {
        self.libraries.unwrap_or(self.options[&option::LIBRARIES] as u32)
    }

    /// Whether there is a Lua state.
    pub fn started(&self) -> bool {
        self.libraries.is_some()
    }

    /// A state is started when there is none.
    pub fn start(&mut self) {
        self.libraries = Some(self.opened());
    }

    /// What `get` must answer for anything but the figures of memory and fuel.
    pub fn get(&self, key: u32) -> f64 {
        match key {
            option::EXIT_CODE => self.exit_code,
            option::TASKS => self.tasks.len() as f64,
            option::HANDLES => (self.handles.len() + self.loose) as f64,
            option::LUA_VERSION_NUM if self.version == Version::Lua54 => 504.0,
            option::LUA_VERSION_NUM => 505.0,
            option::HELD_LIBRARIES => f64::from(held_libraries()),
            _ => self.options.get(&key).copied().unwrap_or(f64::NAN),
        }
    }

    /// Takes over the value and says what `set` must answer.
    pub fn set(&mut self, key: u32, value: f64) -> i32 {
        let answer = set_answer(key, value, self.started());
        if answer == status::OK {
            self.options.insert(key, value);
            if key == option::TIME_ZONE {
                self.zone = None;
            }
        }
        answer
    }

    /// `time_zone` has set a zone.
    pub fn set_zone(&mut self, minutes: f64, shown: &'static str) {
        self.options.insert(option::TIME_ZONE, minutes);
        self.zone = Some(shown);
    }

    /// The option as a number of bytes.
    pub fn limit(&self, key: u32) -> f64 {
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

    /// Whether the option is a limit on fuel that a run may meet.
    pub fn scarce(&self, key: u32) -> bool {
        self.limit(key) <= SCARCE
    }

    /// Whether no task may start.
    pub fn is_full(&self) -> bool {
        self.tasks.len() as f64 >= self.limit(option::TASKS_LIMIT)
    }

    /// Whether results are text.
    pub fn is_text(&self) -> bool {
        self.get(option::FORMAT) == 0.0
    }

    /// The form of what a task of that kind leaves now.
    pub fn form(&self, text: bool) -> Form {
        Form { text, bytes: self.get(option::STRINGS) == 1.0 }
    }

    /// Takes a line off standard input that waits, as `io.read` does: it, nil at the end, or a wait for more; `None` when nobody can
    /// know, or standard input is a file.
    pub fn read_line(&mut self) -> Option<Outcome> {
        if self.get(option::INPUT) == 0.0 {
            return None;
        }
        let (input, ended) = self.input.as_mut()?;
        let newline = input.iter().position(|&byte| byte == b'\n');
        let value = match newline {
            Some(at) => {
                let line = input.drain(..=at).take(at).collect();
                Value::Text(line)
            }
            None if !*ended => return Some(Outcome::Waits),
            None if input.is_empty() => Value::Nil,
            None => Value::Text(std::mem::take(input)),
        };
        Some(Outcome::Returns(vec![value]))
    }

    /// Whether a path names a file, or could; `None` when that depends on files that nobody can know.
    pub fn is_name(&self, path: &[u8]) -> Option<bool> {
        let name = normalize(path);
        let last = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        let device = DEVICES.contains(&name.as_slice()) && name != b"dev/stdin";
        if path.contains(&0) || [&b""[..], b".", b".."].contains(&last) || name == b"dev" || device {
            return Some(false);
        }
        let folders = (0..name.len()).filter(|&at| name[at] == b'/').map(|at| &name[..at]);
        let below: Vec<File> = folders
            .map(|folder| match DEVICES.contains(&folder) {
                true => File::Known(Vec::new()),
                false => self.file(folder),
            })
            .collect();
        match self.file(&name) {
            File::Known(_) => Some(true),
            File::Missing if below.iter().any(|folder| matches!(folder, File::Known(_))) => Some(false),
            _ if below.iter().all(|folder| *folder == File::Missing) => Some(true),
            _ => None,
        }
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

    /// What `list_files` answers; `None` when nobody can know it.
    pub fn list(&self) -> Option<Vec<u8>> {
        let bytes = self.get(option::STRINGS) == 1.0;
        let mut out = Vec::new();
        pack_length(&mut out, Some((0x90, 16)), [0, 0xdc, 0xdd], self.names()?.count());
        for (name, contents) in &self.files {
            out.push(0x92);
            Value::Text(name.clone()).pack(bytes, &mut out);
            Value::Integer(contents.as_ref()?.len() as i64).pack(bytes, &mut out);
        }
        Some(out)
    }

    /// Any file may have been written.
    pub fn forget_files(&mut self) {
        self.unknown_files = true;
        self.files.values_mut().for_each(|contents| *contents = None);
        self.files.insert(SCRIPT_FILE.to_vec(), None);
    }

    /// Goes on with a task and says how that must end; `None` when it depends on what nobody can know.
    pub fn advance(&mut self, progress: &mut Progress, text: bool) -> Option<Outcome> {
        let script = progress.script;
        let libraries = self.opened();
        self.libraries = Some(libraries);
        progress.refused = false;
        if libraries & script.needs != script.needs {
            return Some(Outcome::Fails(status::ERRRUN, script.missing));
        }
        loop {
            let request = match (script.does)(self, &progress.answers)? {
                Outcome::Calls(request) => request,
                Outcome::Writes(output) => return Some(Outcome::Writes(output[progress.written..].to_vec())),
                Outcome::WritesErrors(output) => {
                    return Some(Outcome::WritesErrors(output[progress.written..].to_vec()));
                }
                Outcome::Overruns(output) => {
                    return Some(Outcome::Overruns(output[progress.written..].to_vec()));
                }
                Outcome::Returns(values) => {
                    let len = self.form(text).write(&values).len();
                    let shown = text && values.iter().any(Value::has_address);
                    return match self.too_big(len) {
                        true => Some(Outcome::Fails(status::RESULT, "")),
                        // An address is about so long.
                        false if shown && self.too_big(len + 16 * values.len()) => None,
                        false => Some(Outcome::Returns(values)),
                    };
                }
                outcome => return Some(outcome),
            };
            progress.answers.push(if progress.calls as f64 >= self.limit(option::HOST_CALLS) {
                Answer::Refused("host calls are used up (option HOST_CALLS)")
            } else if self.too_big(self.form(false).write(&request).len()) {
                Answer::Refused("result is over the option RESULT")
            } else {
                return Some(Outcome::Calls(request));
            });
            progress.refused = true;
        }
    }

    /// A run may have done anything that the scripts do, and left this output.
    pub fn forget(&mut self, started: bool, [output, errors]: [Vec<u8>; 2], exit_code: f64) {
        self.libraries = started.then(|| self.opened());
        self.counter = None;
        self.files.insert(SCRIPT_FILE.to_vec(), None);
        self.output = output;
        self.errors = errors;
        self.input = None;
        self.exit_code = exit_code;
    }

    /// Drops the state, the output and the result.
    pub fn reset(&mut self) {
        self.libraries = None;
        self.counter = Some(0);
        self.output.clear();
        self.errors.clear();
        self.input = Some((Vec::new(), false));
        self.result.clear();
        self.status = status::OK;
        self.answer = 0;
        self.tasks.clear();
        self.last = 0;
        self.handles.clear();
        self.references = Some(BTreeSet::new());
        self.loose = 0;
    }
}
