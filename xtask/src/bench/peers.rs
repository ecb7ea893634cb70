//! Other Luas of npm, at one version each, for the benches and for `make sizes`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::json;

use super::hosts::{BINDINGS, FENGARI, WASMOON};
use crate::{Lua, hosts, root};

/// The packages and their versions.
pub const PACKAGES: [(&str, &str); 4] = [
    (WASMOON, "1.16.0"),
    (FENGARI, "0.1.5"),
    // Fengari for pages: the one file that its size is measured by.
    ("fengari-web", "0.1.4"),
    (BINDINGS, "0.5.3"),
];

/// Names, and what `benches/hosts/luas.mjs` takes for them: the package and the version of Lua in it.
pub fn hosts(lua: Lua) -> Vec<(&'static str, String)> {
    let version = match lua {
        Lua::Lua54 => "5.4",
        Lua::Lua55 => "5.5",
    };
    vec![
        (WASMOON, format!("{WASMOON}:5.4")),
        (BINDINGS, format!("{BINDINGS}:{version}")),
        (FENGARI, format!("{FENGARI}:5.3")),
    ]
}

const FOLDER: &str = "target/bench/peers";

/// Below which `node_modules` lies.
pub fn folder() -> PathBuf {
    root().join(FOLDER)
}

/// Lets npm put the packages into [`folder`], where they are not there yet.
pub fn install() -> Result<()> {
    let folder = folder();
    let wanted = json!({ "private": true, "dependencies": serde_json::Map::from_iter(
        PACKAGES.map(|(name, version)| (name.to_string(), json!(version)))
    ) })
    .to_string();
    let manifest = folder.join("package.json");
    if folder.join("node_modules").is_dir()
        && fs::read_to_string(&manifest).is_ok_and(|found| found == wanted)
    {
        return Ok(());
    }
    fs::create_dir_all(&folder)?;
    fs::write(&manifest, &wanted)?;
    let installed = hosts::install(FOLDER);
    if installed.is_err() {
        // The next run tries again.
        fs::remove_file(&manifest)?;
    }
    installed.context(
        "npm cannot install the other Luas. Without network, leave them out of make bench: HOST=\"wasmtime Node\"",
    )
}
