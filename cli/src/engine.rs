//! The engine, with compiled code kept in the user's cache folder.

use std::path::{Path, PathBuf};

use anyhow::Result;
use moonlet::engine::Engine;
use moonlet::{ErrorKind, Version};

/// The engine of a version of Lua. Where the cache folder cannot be used the module is compiled anew.
pub fn engine(version: Version) -> Result<Engine> {
    // Nothing here needs the engine to stop a call: a command ends with its process.
    let builder = Engine::builder().version(version).stoppable(false);
    if let Some(folder) = folder() {
        match builder.clone().cache(folder).build() {
            Err(error) if error.kind() == ErrorKind::Engine => {}
            built => return Ok(built?),
        }
    }
    Ok(builder.build()?)
}

/// The folder for compiled code; `None` where others could write machine code into it, which this process would run.
fn folder() -> Option<PathBuf> {
    let folder = dirs::cache_dir()?.join("moonlet");
    make(&folder).ok()?;
    private(&folder).then_some(folder)
}

#[cfg(unix)]
fn make(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(unix)]
fn private(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let owner = std::fs::metadata("/proc/self").map(|own| own.uid());
    std::fs::metadata(folder).is_ok_and(|found| {
        found.mode() & 0o022 == 0 && owner.as_ref().is_ok_and(|owner| *owner == found.uid())
    })
}

#[cfg(not(unix))]
fn private(_: &Path) -> bool {
    true
}
