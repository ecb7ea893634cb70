//! The kernels: Lua files, one task each, which print what shows that they did it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::root;

/// A kernel, and the chunk that runs before it.
pub struct Kernel {
    pub name: String,
    pub path: PathBuf,
    /// Sets `arg`, and keeps what the kernel prints.
    pub before: PathBuf,
}

/// The arguments that a kernel's first line gives: `-- 33, short 18: what it does`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arguments {
    /// For a quarter of a second or so in native Lua.
    pub full: u64,
    /// For a few milliseconds, where instructions are counted.
    pub short: u64,
}

/// Of the first line of a file; kernels of other people have none.
pub fn arguments(source: &[u8]) -> Option<Arguments> {
    let line = source.split(|byte| *byte == b'\n').next()?;
    let (arguments, _) = std::str::from_utf8(line).ok()?.strip_prefix("-- ")?.split_once(": ")?;
    let (full, short) = arguments.split_once(", short ")?;
    Some(Arguments { full: full.parse().ok()?, short: short.parse().ok()? })
}

/// Ours, those of `tests/golden` among others.
pub fn folder() -> PathBuf {
    root().join("benches/kernels")
}

/// The kernels of a folder whose names have one of the words, ordered by name, each with the argument that `choose` takes.
pub fn find(folder: &Path, words: &[String], choose: impl Fn(&str, Arguments) -> u64) -> Result<Vec<Kernel>> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("{} is no folder of kernels; name one: SUITE=folder", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "lua"));
    paths.sort();
    let name = |path: &PathBuf| path.file_stem().map(|name| name.to_string_lossy().into_owned());
    let names: Vec<String> = paths.iter().filter_map(name).collect();
    // A whole name means that kernel, not those whose names have it within.
    let means = |word: &String, name: &String| name == word || !names.contains(word) && name.contains(word);
    let mut kernels = Vec::new();
    for (path, name) in paths.into_iter().zip(names.iter().cloned()) {
        if words.is_empty() || words.iter().any(|word| means(word, &name)) {
            let argument = arguments(&fs::read(&path)?).map(|arguments| choose(&name, arguments));
            kernels.push(Kernel { before: before(&name, argument)?, name, path });
        }
    }
    ensure!(
        !kernels.is_empty(),
        "{} has no kernel (a .lua file) with {words:?} in its name",
        folder.display()
    );
    Ok(kernels)
}

/// Writes the chunk that runs before a kernel, and answers where it is.
fn before(name: &str, argument: Option<u64>) -> Result<PathBuf> {
    let folder = root().join("target/bench/before");
    fs::create_dir_all(&folder)?;
    let rest = fs::read_to_string(root().join("benches/before.lua"))?;
    let (suffix, list) = match argument {
        Some(argument) => (format!("-{argument}"), format!(", \"{argument}\"")),
        None => (String::new(), String::new()),
    };
    let path = folder.join(format!("{name}{suffix}.lua"));
    fs::write(&path, format!("arg = {{ [0] = \"kernel\"{list} }}\n{rest}"))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_gives_the_arguments() {
        assert_eq!(
            arguments(b"-- 33, short 18: calls: many\nlocal n"),
            Some(Arguments { full: 33, short: 18 })
        );
        assert_eq!(arguments(b"-- n-body: by somebody\n"), None);
        assert_eq!(arguments(b""), None);
    }

    #[test]
    fn each_kernel_of_ours_has_arguments() {
        for entry in fs::read_dir(folder()).unwrap() {
            let path = entry.unwrap().path();
            assert!(arguments(&fs::read(&path).unwrap()).is_some(), "{}", path.display());
        }
    }
}
