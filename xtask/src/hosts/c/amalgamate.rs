//! One file of many: what an `#include "..."` of the package's own names stands in its place, once.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::package;

/// `moonlet.c` of a module that was translated: the library and the module in one file, which includes `moonlet.h`.
pub fn source(module: &Path) -> Result<String> {
    let mut unit = Unit { header: Some(package().join("moonlet.h").canonicalize()?), seen: HashSet::new() };
    Ok(unit.add(module)? + &unit.add(&package().join("src/library.c"))?)
}

/// `moonlet.h` with its numbers in it.
pub fn header() -> Result<String> {
    Unit { header: None, seen: HashSet::new() }.add(&package().join("moonlet.h"))
}

struct Unit {
    /// The header that stays a file of its own.
    header: Option<PathBuf>,
    seen: HashSet<PathBuf>,
}

impl Unit {
    fn add(&mut self, path: &Path) -> Result<String> {
        let mut text = String::new();
        for line in fs::read_to_string(path).with_context(|| path.display().to_string())?.lines() {
            let Some(name) = line.strip_prefix("#include \"").and_then(|rest| rest.strip_suffix('"')) else {
                text.push_str(line);
                text.push('\n');
                continue;
            };
            // As the compiler looks: beside the file, then where it was told to.
            let beside = path.with_file_name(name).canonicalize();
            let included = beside
                .or_else(|_| package().join("src").join(name).canonicalize())
                .with_context(|| name.to_string())?;
            if !self.seen.insert(included.clone()) {
                continue;
            }
            if self.header.as_ref() == Some(&included) {
                text.push_str("#include \"moonlet.h\"\n");
            } else {
                text.push_str(&self.add(&included)?);
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_stands_once_and_the_public_one_stays_outside() {
        let text = source(&package().join("src/library.c")).unwrap();
        assert_eq!(text.matches("#include \"").count(), 1);
        assert_eq!(text.matches("struct moonlet_module {").count(), 1);
        assert!(header().unwrap().contains("#define MOONLET_STATUS_POISONED 36"));
        assert!(!header().unwrap().contains("#include \""));
    }
}
