//! Compiled code on disk.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use wasmtime::{Engine, Module};

use super::super::{EngineBuilder, unusable};
use crate::{Error, ErrorKind, Result};

/// The last bytes of a file: these, and how many stand before them. What is cut off, or goes on, ends otherwise.
const END: &[u8; 8] = b"MOONCODE";

/// What the compiled code depends on beside the module: the engine's version and settings, and the processor.
fn settings(engine: &Engine) -> u64 {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

/// What the builder's module is called.
fn name(builder: &EngineBuilder) -> String {
    let module = match &builder.module {
        Some(bytes) => Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        None => builder.version.digest().to_string(),
    };
    match &builder.start {
        Some(start) => {
            let mut hasher = DefaultHasher::new();
            start.name.hash(&mut hasher);
            format!("{module}-{:016x}", hasher.finish())
        }
        None => module,
    }
}

/// The module from the folder, or compiled and put there.
pub fn module(engine: &Engine, builder: &EngineBuilder, folder: &Path) -> Result<Module> {
    let file = folder.join(format!("{}-{:016x}.moonlet", name(builder), settings(engine)));
    if let Some(module) = read(engine, &file) {
        return Ok(module);
    }
    let module = Module::new(engine, builder.bytes()?).map_err(unusable)?;
    let code = module.serialize().map_err(unusable)?;
    write(folder, &file, &code).map_err(|error| {
        let message =
            format!("compiled code cannot be kept in {}: {error}; name another folder", folder.display());
        Error::new(ErrorKind::Engine, message)
    })?;
    // As every later process has it: mapped, and not copied.
    Ok(read(engine, &file).unwrap_or(module))
}

/// The module in a file; `None` where there is none, or one that is not whole, which is then written anew.
fn read(engine: &Engine, file: &Path) -> Option<Module> {
    let mut file = File::open(file).ok()?;
    let len = file.seek(SeekFrom::End(-16)).ok()?;
    let mut end = [0; 16];
    file.read_exact(&mut end).ok()?;
    if end != ending(len) {
        return None;
    }
    // SAFETY: the file is as `write` left it, which put the end there after all else was on the disk, and never changes it; that nobody else
    // can write into the folder is what `EngineBuilder::cache` asks of its caller.
    unsafe { Module::deserialize_open_file(engine, file) }.ok()
}

fn ending(len: u64) -> [u8; 16] {
    let mut end = [0; 16];
    end[..8].copy_from_slice(END);
    end[8..].copy_from_slice(&len.to_le_bytes());
    end
}

/// Writes a file that is whole once it has its name, whoever else writes it meanwhile.
fn write(folder: &Path, file: &Path, code: &[u8]) -> io::Result<()> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    fs::create_dir_all(folder)?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let temporary = file.with_extension(format!("{}-{number}", std::process::id()));
    let written = File::create(&temporary).and_then(|mut stored| {
        stored.write_all(code)?;
        stored.write_all(&ending(code.len() as u64))?;
        stored.sync_all()
    });
    written.and_then(|()| fs::rename(&temporary, file)).inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}
