//! The host's side of the in-memory file system.

use libc_shim::devices::{Device, device};
use libc_shim::errno;
use libc_shim::filesystem;
use libc_shim::heap::Buffer;
use libc_shim::stdio;

use super::{answer, status};

/// The normalized name, or the status that refuses it: one that no script can open, or that of a device. Standard input is a
/// file, whatever scripts read there.
fn name(path: &[u8]) -> Result<Buffer, i32> {
    match filesystem::resolve(path) {
        Ok(name) if matches!(device(name.as_slice()), None | Some(Device::Input)) => Ok(name),
        Err(errno::ENOMEM) => Err(status::ERRMEM),
        _ => Err(status::BAD_ARGUMENT),
    }
}

/// Puts a file in place, or its new contents; a status.
pub fn write(path: &[u8], contents: &[u8]) -> i32 {
    let status = put(path, contents);
    filesystem::take_work(); // which no script pays
    status
}

fn put(path: &[u8], contents: &[u8]) -> i32 {
    let name = match name(path) {
        Ok(name) => name,
        Err(refused) => return refused,
    };
    let mut data = Buffer::new();
    if !data.push(contents) {
        return status::ERRMEM;
    }
    if name.as_slice() == stdio::INPUT_NAME {
        stdio::rewind_input();
    }
    let Some(node) = filesystem::open(&name).or_else(|| filesystem::create(name)) else {
        return status::ERRMEM;
    };
    // SAFETY: the file system holds live nodes only.
    unsafe { (*node).data = data }
    status::OK
}

/// Makes a file's contents the result; its length, or minus a status.
pub fn read(path: &[u8]) -> i32 {
    let node = match name(path) {
        Ok(name) => filesystem::open(&name),
        Err(refused) => return -refused,
    };
    filesystem::take_work(); // which no script pays
    match node {
        // SAFETY: the file system holds live nodes only, and the result's buffer is another.
        Some(node) => answer::contents(unsafe { (*node).data.as_slice() }),
        None => -status::BAD_ARGUMENT,
    }
}

/// Takes a file's name away; a status. Streams that hold the file keep it.
pub fn remove(path: &[u8]) -> i32 {
    let status = match name(path) {
        Ok(name) if filesystem::remove(&name) => status::OK,
        Ok(_) => status::BAD_ARGUMENT,
        Err(refused) => refused,
    };
    filesystem::take_work(); // which no script pays
    status
}
