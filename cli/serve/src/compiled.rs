//! The modules, compiled once and kept in a folder for the next start, with a state in each that has its libraries open.

use std::path::{Path, PathBuf};

use moonlet::engine::Runtime;
use moonlet::{Engine, Lua, Version};

/// The compiled modules.
pub struct Engines {
    lua54: Engine,
    lua55: Engine,
}

impl Engines {
    /// Compiles both, or takes them from a folder, by default one of the user's.
    ///
    /// # Errors
    /// The engine cannot be had on this machine.
    pub fn new(cache: Option<PathBuf>) -> moonlet::Result<Self> {
        let cache =
            cache.or_else(|| Some(dirs::cache_dir()?.join("moonlet"))).filter(|folder| is_ready(folder));
        Ok(Self {
            lua54: engine(Version::Lua54, cache.as_deref())?,
            lua55: engine(Version::Lua55, cache.as_deref())?,
        })
    }

    /// The one of a version.
    pub fn of(&self, version: Version) -> &Engine {
        match version {
            Version::Lua55 => &self.lua55,
            _ => &self.lua54,
        }
    }
}

/// The state that all scripts begin with: to open the libraries takes longer than a small script.
fn opened(version: Version) -> moonlet::Result<Vec<u8>> {
    // Little runs here, and nothing is to be compiled twice.
    let engine = Engine::builder().version(version).runtime(Runtime::Wasmi).build()?;
    let lua = Lua::builder().engine(&engine).build()?;
    lua.eval::<()>("")?;
    lua.snapshot()
}

fn engine(version: Version, cache: Option<&Path>) -> moonlet::Result<Engine> {
    let builder = Engine::builder().version(version).start("opened", move || opened(version));
    match cache.map(|folder| builder.clone().cache(folder).build()) {
        Some(Ok(engine)) => Ok(engine),
        // What cannot be kept costs half a second, no more.
        Some(Err(error)) => {
            tracing::warn!(%error, "compiled code is not kept");
            builder.build()
        }
        None => builder.build(),
    }
}

/// Makes the folder; whether code that lies in it may be run, as nobody else can have put it there.
fn is_ready(folder: &Path) -> bool {
    let ready = make(folder).is_ok() && is_private(folder);
    if !ready {
        let folder = folder.display();
        tracing::warn!(
            "compiled code is not kept: {folder} cannot be made, or others can write there; name one by --cache"
        );
    }
    ready
}

#[cfg(unix)]
fn make(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;

    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(unix)]
fn is_private(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    // A process is owned by its user; where it is not seen, nothing is kept.
    let own = std::fs::metadata("/proc/self").map(|process| process.uid()).ok();
    std::fs::metadata(folder).is_ok_and(|found| found.mode() & 0o022 == 0 && Some(found.uid()) == own)
}

#[cfg(not(unix))]
fn make(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    true
}
