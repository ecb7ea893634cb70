//! symbols.txt is the whole of what the shim gives to C: neither the sources nor the headers know more or less.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Declared for Lua's C, but not defined here: lua_user.h replaces `exit`, and the heap belongs to the module, which counts it.
const DEFINED_ELSEWHERE: &[&str] = &["exit", "free", "realloc"];
/// Called by no source: compilers make calls of these from copies, fills and simple formats.
const MADE_BY_COMPILERS: &[&str] = &["fputc", "memmove"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn golden() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("symbols.txt")).unwrap();
    let names: Vec<String> = text.lines().map(str::to_owned).collect();
    assert!(names.is_sorted(), "symbols.txt is sorted");
    names.into_iter().collect()
}

/// The identifier at the end of a text.
fn last_name(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.rsplit(|c| !is_part(c)).next().unwrap().to_owned()
}

/// The functions and statics that carry their names to C.
fn defined() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in files(&root().join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        for item in text.split("no_mangle").skip(1) {
            let item = item.split(['{', ';']).next().unwrap();
            let (_, name) = item.split_once("fn ").or_else(|| item.split_once("static ")).unwrap();
            names.insert(
                name.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).next().unwrap().to_owned(),
            );
        }
    }
    names
}

/// The functions and variables that the headers declare.
fn declared() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in files(&root().join("include")) {
        for line in fs::read_to_string(path).unwrap().lines() {
            if let Some(variable) = line.strip_prefix("extern ") {
                names.insert(last_name(variable.trim_end_matches(';')));
            } else if let (false, Some((start, _))) =
                (line.starts_with(['#', '/', ' ']), line.split_once('('))
            {
                names.insert(last_name(start));
            }
        }
    }
    names
}

#[test]
fn the_sources_define_what_the_list_says() {
    assert_eq!(defined(), golden(), "sources left, symbols.txt right");
}

#[test]
fn the_headers_declare_what_the_list_says() {
    let set = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<BTreeSet<_>>();
    let declared: BTreeSet<_> = declared().difference(&set(DEFINED_ELSEWHERE)).cloned().collect();
    for name in golden().difference(&declared) {
        assert!(MADE_BY_COMPILERS.contains(&name.as_str()), "{name} is not declared");
    }
    let undefined: Vec<_> = declared.difference(&golden()).cloned().collect();
    assert_eq!(undefined, Vec::<String>::new(), "declared, but not defined");
}

/// The README has one row for each symbol.
#[test]
fn the_readme_names_what_the_list_says() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let names: BTreeSet<String> = rows.map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, golden(), "README.md left, symbols.txt right");
}
