//! Lua's official test suites, from the one registry that has them: the sources of PyPI's lupa.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::Tools;
use super::process::say;
use super::python::Source;

const LUPA: Source = Source {
    name: "lupa",
    version: "2.8",
    sha256: "d8022641b9ec8ecf2c5ecbe9f47e5a70e0b87c4b5ae921b92cb02a638e0acd08",
    environment: &[("LUPA_NO_BUNDLE", "true")],
};

pub fn get(tools: &Tools) -> Result<PathBuf> {
    let name = format!("testes-{}-{}", LUPA.name, LUPA.version);
    if let Ok(found) = check(&tools.place(&name)) {
        return Ok(found);
    }
    say("fetching Lua's official test suites");
    tools.install(&name, check, |partial| LUPA.unpack(partial))
}

fn check(folder: &Path) -> Result<PathBuf> {
    let sources = folder.join("third-party");
    for file in ["lua54/testes/all.lua", "lua54/ltests.c", "lua55/testes/all.lua", "lua55/ltests.c"] {
        ensure!(sources.join(file).is_file(), "{file} is not in {}", sources.display());
    }
    Ok(sources)
}
