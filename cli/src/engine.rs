//! The engine, with compiled code kept in the user's cache folder.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use moonlet::engine::{Engine, EngineBuilder};
use moonlet::{ErrorKind, Version};

/// How long work may take before it shows.
const PATIENCE: Duration = Duration::from_millis(150);

/// The engine of a version of Lua. Where the cache folder cannot be used the module is compiled anew.
pub fn engine(version: Version) -> Result<Engine> {
    // Nothing here needs the engine to stop a call: a command ends with its process.
    let builder = Engine::builder().version(version).stoppable(false);
    showing("compiling Lua for this machine, once", || build(builder))
}

fn build(builder: EngineBuilder) -> Result<Engine> {
    if let Some(folder) = folder() {
        match builder.clone().cache(folder).build() {
            Err(error) if error.kind() == ErrorKind::Engine => {}
            built => return Ok(built?),
        }
    }
    Ok(builder.build()?)
}

/// Does what may take long, and shows that on a terminal when it does.
pub fn showing<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    let (done, waits) = channel::<()>();
    let shower = thread::spawn(move || {
        if waits.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            let bar = ProgressBar::new_spinner().with_message(what);
            bar.set_style(ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("a template"));
            bar.enable_steady_tick(Duration::from_millis(100));
            let _ = waits.recv();
            bar.finish_and_clear();
        }
    });
    let result = work();
    drop(done);
    // It only draws: that it failed is no reason to fail.
    let _ = shower.join();
    result
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

#[cfg(unix)]
fn private(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let own = rustix::process::geteuid().as_raw();
    std::fs::metadata(folder).is_ok_and(|found| found.mode() & 0o022 == 0 && found.uid() == own)
}

#[cfg(not(unix))]
fn make(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// Elsewhere the folder lies in what belongs to the user alone.
#[cfg(not(unix))]
fn private(_: &Path) -> bool {
    true
}
