//! The rooms of `src/`: data flows abi, task, values, bytes, and no file uses one above it, nor do files use each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// From the top down. `lua`, how our Lua differs, is open to all; it uses the numbers of `bytes`.
const ROOMS: [&str; 5] = ["abi", "task", "values", "lua", "bytes"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../src")
}

/// Every Rust file of the module, by its path within `src/`, without the ending.
fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![source()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(source()).expect("a path below").with_extension("");
                files
                    .insert(name.to_string_lossy().into_owned(), fs::read_to_string(path).expect("a source"));
            }
        }
    }
    files
}

/// The paths that a `use` names: `crate::a::{b, c::{self, D}}` is a::b, a::c, a::c::D.
fn expand(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let tree = tree.trim();
    let join = |name: &str| if prefix.is_empty() { name.to_string() } else { format!("{prefix}::{name}") };
    if let Some((start, rest)) = tree.split_once('{') {
        let inner = rest.strip_suffix('}').expect("braces that close");
        let prefix = join(start.trim_end_matches("::"));
        let (mut depth, mut from) = (0, 0);
        for (at, letter) in inner.char_indices().chain([(inner.len(), ',')]) {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    expand(&prefix, &inner[from..at], paths);
                    from = at + 1;
                }
                _ => {}
            }
        }
    } else if tree == "self" {
        paths.push(prefix.to_string());
    } else if !tree.is_empty() {
        paths.push(join(tree));
    }
}

/// The files that a file uses.
fn uses(name: &str, text: &str, files: &BTreeMap<String, String>) -> BTreeSet<String> {
    let mut paths = Vec::new();
    for statement in text.split(';') {
        let Some((_, tree)) = statement.rsplit_once("\nuse ") else { continue };
        let tree: String = tree.split_whitespace().collect::<Vec<_>>().join(" ");
        expand("", &tree, &mut paths);
    }
    let room = name.split('/').next().expect("a room");
    let parent = name.rsplit_once('/').map_or(room, |(parent, _)| parent);
    let module = |path: &str| {
        let path = path.replace("::", "/");
        let path = match path.strip_prefix("super/") {
            // `a/b/c` and `a/b` with its folder have the same children.
            Some(rest) => format!("{parent}/{rest}"),
            None => path.strip_prefix("crate/")?.to_string(),
        };
        // The longest beginning that is a file; `lua` is one in its own room.
        let known = |path: &str| {
            let name = if path == "lua" { "lua/lua" } else { path };
            files.contains_key(name).then(|| name.to_string())
        };
        let mut path = path.as_str();
        loop {
            if let Some(found) = known(path) {
                return Some(found);
            }
            path = path.rsplit_once('/')?.0;
        }
    };
    paths.iter().filter_map(|path| module(path)).filter(|used| used != name).collect()
}

#[test]
fn no_file_uses_one_above_it() {
    let files = files();
    let level = |name: &str| {
        let room = name.split('/').next().expect("a room");
        ROOMS.iter().position(|known| *known == room)
    };
    let mut graph = BTreeMap::new();
    for (name, text) in files.iter().filter(|(name, _)| *name != "lib") {
        let own = level(name).unwrap_or_else(|| panic!("src/{name}.rs stands in none of {ROOMS:?}"));
        let used = uses(name, text, &files);
        for other in &used {
            let numbers = name.starts_with("lua/") && other.starts_with("bytes/");
            assert!(
                numbers || other.starts_with("lua/") || level(other) >= Some(own),
                "src/{name}.rs uses src/{other}.rs, which stands above it"
            );
        }
        graph.insert(name.clone(), used);
    }
    assert!(graph["task/run"].contains("values/result"), "the uses are found: {graph:?}");
    // Files that use only files already taken are taken, until none is left.
    let mut taken = BTreeSet::new();
    while taken.len() < graph.len() {
        let next: Vec<_> = graph
            .iter()
            .filter(|(name, used)| !taken.contains(*name) && used.iter().all(|other| taken.contains(other)))
            .map(|(name, _)| name.clone())
            .collect();
        if next.is_empty() {
            let circle: Vec<_> = graph.keys().filter(|name| !taken.contains(*name)).collect();
            panic!("these files use each other in a circle: {circle:?}");
        }
        taken.extend(next);
    }
}

/// What is meant to be a C library holds C's headers only.
#[test]
fn the_shim_has_no_header_of_lua() {
    for entry in fs::read_dir(source().join("../libc-shim/include")).expect("the headers") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        assert!(!name.starts_with("lua") && !name.starts_with("moonlet"), "{name} belongs into src/lua");
    }
}

/// Every hook of `src/lua` stands in the table there, which says what falls without it (`make hooks`).
#[test]
fn every_hook_has_its_row() {
    let folder = source().join("lua");
    let mut hooks = BTreeSet::new();
    for entry in fs::read_dir(&folder).expect("src/lua") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "h") {
            let text = fs::read_to_string(path).expect("a header");
            let begins =
                text.lines().filter_map(|line| line.trim_start().strip_prefix("/* [")?.split_once(']'));
            hooks.extend(begins.map(|(name, _)| name.to_string()));
        }
    }
    let page = fs::read_to_string(folder.join("README.md")).expect("the page");
    let (_, table) = page.split_once("\n## Hooks\n").expect("the table");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let rows: Vec<String> = rows.map(|(name, _)| name.to_string()).collect();
    assert_eq!(rows.iter().cloned().collect::<BTreeSet<_>>(), hooks);
    assert_eq!(rows.len(), hooks.len(), "each has one row");
}
