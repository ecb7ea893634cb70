//! What any host on any engine can be told to do with a fresh instance: Lua's official suites, the golden scripts.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Run, Version, held_libraries, option};

/// The stand-ins of conformance/skips.toml that are no files.
pub const STAND_INS: &str = "local getenv = os.getenv \
     os.getenv = function(name) if name == 'PATH' then return '/' end return getenv(name) end";

/// Options and files for a fresh instance, and the chunk that it runs then.
#[derive(Clone, Debug)]
pub struct Job {
    pub options: Vec<(u32, f64)>,
    pub files: Vec<(String, Vec<u8>)>,
    pub chunk: String,
}

impl Job {
    /// A suite's all.lua in the form that an assignment such as `_U = true` chooses.
    pub fn suite(version: Version, form: &str) -> Self {
        let mut files = vec![("a".to_string(), Vec::new())];
        for entry in fs::read_dir(suite_folder(version)).expect("the suite's folder") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                files.push((name(&path), fs::read(&path).expect("a readable file")));
            }
        }
        files.sort();
        let options = vec![
            (option::LIBRARIES, f64::from(held_libraries())),
            (option::BINARY_CHUNKS, 1.0),
            (option::CLOCK, 1_767_225_600.0),
        ];
        Self { options, files, chunk: all_lua(form) }
    }

    /// A script that is a file of its own.
    pub fn script(path: &Path) -> Self {
        let name = name(path);
        let chunk = format!("return dofile('{name}')");
        let contents = fs::read(path).expect("a readable script");
        Self { options: Vec::new(), files: vec![(name, contents)], chunk }
    }
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

/// The chunk that runs a suite's all.lua in that form.
pub fn all_lua(form: &str) -> String {
    native_all_lua(&format!("{STAND_INS} {form}"))
}

/// The same for native Lua. By a tail call: gc.lua counts on how much of the stack is free, which a few slots decide.
pub fn native_all_lua(form: &str) -> String {
    format!("local all = loadfile('all.lua') {form} arg = {{[0] = 'lua'}} return all()")
}

/// The folder of one version's suite, which the build driver fetched.
pub fn suite_folder(version: Version) -> PathBuf {
    let testes = std::env::var_os("MOONLET_TESTES").expect(
        "MOONLET_TESTES names the folder of Lua's official suites; `cargo xtask test conformance` fetches it and sets this",
    );
    PathBuf::from(testes).join(version.name()).join("testes")
}

/// A file of the suite.
pub fn suite_file(version: Version, name: &str) -> Vec<u8> {
    let path = suite_folder(version).join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The golden scripts, in order.
pub fn scripts() -> Vec<PathBuf> {
    let mut scripts: Vec<PathBuf> = fs::read_dir(folder("scripts"))
        .expect("tests/scripts")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "lua"))
        .collect();
    scripts.sort();
    scripts
}

/// Where the transcript of a golden script stands: the file of both versions, or of one.
pub fn golden(script: &Path, version: Option<Version>) -> PathBuf {
    let stem = script.file_stem().expect("a name").to_string_lossy().into_owned();
    let version = version.map_or(String::new(), |version| format!(".{}", version.name()));
    folder("golden").join(format!("{stem}{version}.txt"))
}

/// The transcript that a golden script must have.
pub fn expected(script: &Path, version: Version) -> String {
    let own = golden(script, Some(version));
    let path = if own.exists() { own } else { golden(script, None) };
    fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; make it with BLESS=1", path.display()))
}

/// Output, then the status, then the result or the error.
pub fn transcript(run: &Run) -> String {
    format!("{}-- status {}\n{}\n", run.output_text(), run.status(), run.text())
}
