//! The engine, with compiled code kept in the user's cache folder.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use moonlet::engine::{Engine, EngineBuilder};
use moonlet::{ErrorKind, Version};

use crate::prelude;

/// How long work may take before it shows.
const PATIENCE: Duration = Duration::from_millis(150);

/// The engine of a version of Lua, whose states begin as the [`prelude`]'s. Where the cache folder cannot be used the module is compiled
/// anew.
pub fn engine(version: Version, deterministic: bool) -> Result<Engine> {
    let shown = Arc::new(Mutex::new(None));
    let start = {
        let shown = shown.clone();
        // It is called when nothing is kept, which is what takes long.
        move || {
            let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.get_or_insert_with(|| Shown::begin("compiling Lua for this machine, once"));
            prelude::snapshot(version, deterministic)
        }
    };
    // Nothing here needs the engine to stop a call: a command ends with its process.
    let builder = Engine::builder().version(version).stoppable(false);
    let engine = build(builder.start(prelude::name(deterministic), start));
    drop(shown.lock().unwrap_or_else(PoisonError::into_inner).take());
    engine
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
    let shown = Shown::begin(what);
    let result = work();
    drop(shown);
    result
}

/// Work that is shown on a terminal once it takes long, until this is dropped.
struct Shown {
    done: Option<Sender<()>>,
    shower: Option<JoinHandle<()>>,
}

impl Shown {
    fn begin(what: &'static str) -> Self {
        let (done, waits) = channel();
        let shower = thread::spawn(move || {
            if waits.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let bar = ProgressBar::new_spinner().with_message(what);
                bar.set_style(ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("a template"));
                bar.enable_steady_tick(Duration::from_millis(100));
                let _ = waits.recv();
                bar.finish_and_clear();
            }
        });
        Self { done: Some(done), shower: Some(shower) }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        drop(self.done.take());
        // It only draws: that it failed is no reason to fail.
        let _ = self.shower.take().map(JoinHandle::join);
    }
}

/// The folder for compiled code; `None` where others could write machine code into it, which this process would run.
fn folder() -> Option<PathBuf> {
    let folder = dirs::cache_dir()?.join("moonlet");
    if !folder.exists() {
        make(&folder).ok()?;
    }
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
