//! Compiled code on disk.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::{Engine, Module};

use super::super::{digest, unusable};
use crate::{Error, ErrorKind, Result};

/// The length of a hash in hexadecimal, which a file starts with.
const HASH: usize = 64;

/// What the compiled code depends on beside the module: the engine's version and settings, and the processor.
fn settings(engine: &Engine) -> u64 {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

/// The module from the folder, or compiled and put there.
pub fn module(engine: &Engine, bytes: &[u8], folder: &Path) -> Result<Module> {
    let file = folder.join(format!("{}-{:016x}.moonlet", digest(bytes), settings(engine)));
    if let Some(module) = read(engine, &file) {
        return Ok(module);
    }
    let module = Module::new(engine, bytes).map_err(unusable)?;
    let code = module.serialize().map_err(unusable)?;
    write(folder, &file, &code).map_err(|error| {
        let message =
            format!("compiled code cannot be kept in {}: {error}; name another folder", folder.display());
        Error::new(ErrorKind::Engine, message)
    })?;
    Ok(module)
}

/// The module in a file; `None` where there is none, or a damaged one, which is then written anew.
fn read(engine: &Engine, file: &Path) -> Option<Module> {
    let stored = fs::read(file).ok()?;
    let (hash, code) = stored.split_at_checked(HASH)?;
    if hash != digest(code).as_bytes() {
        return None;
    }
    // SAFETY: the bytes are as `write` left them, which the hash shows, and that nobody else can write into the folder is what
    // `EngineBuilder::cache` asks of its caller.
    unsafe { Module::deserialize(engine, code) }.ok()
}

/// Writes a file that is whole once it has its name, whoever else writes it meanwhile.
fn write(folder: &Path, file: &Path, code: &[u8]) -> io::Result<()> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    fs::create_dir_all(folder)?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let temporary = file.with_extension(format!("{}-{number}", std::process::id()));
    let stored = [digest(code).as_bytes(), code].concat();
    fs::write(&temporary, stored).and_then(|()| fs::rename(&temporary, file)).inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}
