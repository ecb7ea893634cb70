//! Every export, and nothing else. ABI.md is the contract.

use libc_shim::stdio;

#[cfg(feature = "faults")]
mod faults;
mod info;
#[cfg(feature = "mini")]
mod left_out;
mod poison;
mod settings;

#[cfg(feature = "mini")]
use left_out::{files, input, listing, set_time_zone};
use poison::{guard, guard_run, poison, poisoned};

use crate::bytes::alloc::{self, region};
use crate::bytes::{answer, status};
#[cfg(not(feature = "mini"))]
use crate::bytes::{files, input};
use crate::lua;
use crate::task::{call, cancel, compact, compute, eval, release, resume, state, suspended, tasks};
use crate::values::dropped;
#[cfg(not(feature = "mini"))]
use crate::values::listing;
#[cfg(not(feature = "mini"))]
use settings::set_time_zone;

const ABI_VERSION: i32 = 1 << 16;

const POISONED: &[u8] =
    b"instance is poisoned: an earlier call was torn down by the engine; restore it or make a new one\0";

/// What the build writes over with the hash of the module.
#[used]
static BUILD_ID: [u8; 32] = *b"moonlet: build id comes in here!";

/// A buffer of `len` bytes, aligned to 16; 0 when memory is out or over the limit. The caller owns it.
#[unsafe(no_mangle)]
extern "C" fn alloc(len: usize) -> *mut u8 {
    guard(core::ptr::null_mut(), || alloc::give(len))
}

/// Gives a buffer back; anything that is no buffer is ignored. The module owns it afterwards.
#[unsafe(no_mangle)]
extern "C" fn dealloc(ptr: usize, len: usize) {
    guard((), || alloc::take(ptr, len));
}

/// Runs `len` bytes of source at `ptr` in the persistent state; the result's length, or minus a status. The source
/// stays the caller's; the result is the module's, until the next run or `reset`.
#[unsafe(no_mangle)]
extern "C" fn compute(ptr: usize, len: usize) -> i32 {
    guard_run(|| match region(ptr, len) {
        Some(source) => compute::compute(source),
        None => answer::refuse(status::BAD_ARGUMENT, b"source lies outside memory\0"),
    })
}

/// Calls the function that the array at `ptr` starts with, with the array's other values; as `compute`. The bytes stay the
/// caller's.
#[unsafe(no_mangle)]
extern "C" fn call(ptr: usize, len: usize) -> i32 {
    guard_run(|| match region(ptr, len) {
        Some(bytes) => call::call(bytes),
        None => answer::refuse(status::BAD_ARGUMENT, b"data lies outside memory\0"),
    })
}

/// Runs the source that the array at `ptr` starts with, under the name that follows, with the other values; as `compute`. The
/// bytes stay the caller's.
#[unsafe(no_mangle)]
extern "C" fn eval(ptr: usize, len: usize) -> i32 {
    guard_run(|| match region(ptr, len) {
        Some(bytes) => eval::eval(bytes),
        None => answer::refuse(status::BAD_ARGUMENT, b"data lies outside memory\0"),
    })
}

/// Lets go of each handle that the array at `ptr` lists, or of none; a status. The script's objects are the script's.
#[unsafe(no_mangle)]
extern "C" fn release(ptr: usize, len: usize) -> i32 {
    guard(status::POISONED, || region(ptr, len).map_or(status::BAD_ARGUMENT, release::release))
}

/// Makes the references that Lua dropped since the last call the result, an array of their numbers; its length, or minus a
/// status. The result is the module's, until the next run, `read_file`, `dropped` or `reset`.
#[unsafe(no_mangle)]
extern "C" fn dropped() -> i32 {
    guard(-status::POISONED, dropped::dropped)
}

/// The task that was suspended last; 0 before the first. Nothing is owned.
#[unsafe(no_mangle)]
extern "C" fn task() -> i32 {
    if poisoned() { 0 } else { suspended::last() }
}

/// Makes the list of suspended tasks the result; its length, or minus a status. The result is the module's, until the next run,
/// `tasks`, `request`, `read_file`, `list_files` or `reset`.
#[unsafe(no_mangle)]
extern "C" fn tasks() -> i32 {
    guard(-status::POISONED, tasks::tasks)
}

/// Makes what a task was suspended with the result again; what that run answered, or minus a status. The result is the
/// module's, as that of `tasks`.
#[unsafe(no_mangle)]
extern "C" fn request(id: i32) -> i32 {
    guard(-status::POISONED, || tasks::request(id))
}

/// Goes on with a suspended task, with the values of the array at `ptr`; as `compute`. The bytes stay the caller's.
#[unsafe(no_mangle)]
extern "C" fn resume(id: i32, ptr: usize, len: usize) -> i32 {
    guard_run(|| match region(ptr, len) {
        Some(bytes) => resume::resume(id, bytes),
        None => answer::refuse(status::BAD_ARGUMENT, b"data lies outside memory\0"),
    })
}

/// Goes on with a suspended task, with the value at `ptr` raised as an error; as `compute`. The bytes stay the caller's.
#[unsafe(no_mangle)]
extern "C" fn raise(id: i32, ptr: usize, len: usize) -> i32 {
    guard_run(|| match region(ptr, len) {
        Some(bytes) => resume::raise(id, bytes),
        None => answer::refuse(status::BAD_ARGUMENT, b"data lies outside memory\0"),
    })
}

/// Ends a suspended task; a status. What the task held is the module's.
#[unsafe(no_mangle)]
extern "C" fn cancel(id: i32) -> i32 {
    guard(status::POISONED, || cancel::cancel(id))
}

/// Collects all garbage and zeroes every free byte; the bytes still in use. Nothing is owned.
#[unsafe(no_mangle)]
extern "C" fn compact() -> f64 {
    guard(f64::NAN, compact::compact)
}

/// Where the last result or error message starts, never 0. The bytes are the module's, until the next run or `reset`.
#[unsafe(no_mangle)]
extern "C" fn result_ptr() -> *const u8 {
    if poisoned() { POISONED.as_ptr() } else { answer::bytes().as_ptr() }
}

/// Its length in bytes; one NUL follows it. Nothing is owned.
#[unsafe(no_mangle)]
extern "C" fn result_len() -> usize {
    if poisoned() { POISONED.len() - 1 } else { answer::bytes().len() }
}

/// The status of the last run. Nothing is owned.
#[unsafe(no_mangle)]
extern "C" fn status() -> i32 {
    if poisoned() { status::POISONED } else { answer::status() }
}

/// Where the block of what there is to know starts (see ABI.md). Its bytes are the module's, and never move.
#[unsafe(no_mangle)]
extern "C" fn info_ptr() -> *const u8 {
    guard(info::ptr(), info::ptr)
}

/// Drops the Lua state and the output; a status. Results and output handed out before are gone.
#[unsafe(no_mangle)]
extern "C" fn reset() -> i32 {
    let whole = guard(false, || {
        info::set_answer(status::OK);
        state::reset()
    });
    if !whole {
        poison();
        return status::POISONED;
    }
    status::OK
}

/// Major and minor version of this contract, `major << 16 | minor`. Nothing is owned.
#[unsafe(no_mangle)]
extern "C" fn abi_version() -> i32 {
    ABI_VERSION
}

/// 32 bytes that name the build. They are the module's, and never change. Whoever restores asks for them first, so what a
/// call that was torn down left outside of memory is put in order here.
#[unsafe(no_mangle)]
extern "C" fn build_id_ptr() -> *const u8 {
    // SAFETY: this is an export, and has no frame.
    unsafe { lua::rewind() }
    (&raw const BUILD_ID).cast()
}

/// Sets an option; a status. Nothing is owned.
#[unsafe(no_mangle)]
extern "C" fn set(key: u32, value: f64) -> i32 {
    guard(status::POISONED, || settings::set(key, value))
}

/// An option or a figure; NaN when there is no such number, or the instance is poisoned. Nothing is owned.
#[unsafe(no_mangle)]
extern "C" fn get(key: u32) -> f64 {
    if poisoned() { f64::NAN } else { settings::get(key) }
}

/// Where the output starts, never 0. The bytes are the module's, until the next run, `output_clear` or `reset`.
#[unsafe(no_mangle)]
extern "C" fn output_ptr() -> *const u8 {
    stdio::output().as_ptr()
}

/// Its length in bytes. Nothing is owned.
#[unsafe(no_mangle)]
extern "C" fn output_len() -> usize {
    if poisoned() { 0 } else { stdio::output().len() }
}

/// Forgets the output; a status. Output handed out before is gone.
#[unsafe(no_mangle)]
extern "C" fn output_clear() -> i32 {
    guard(status::POISONED, || {
        stdio::output().free();
        status::OK
    })
}

/// Where the error output starts, never 0. The bytes are the module's, until the next run, `error_output_clear` or `reset`.
#[unsafe(no_mangle)]
extern "C" fn error_output_ptr() -> *const u8 {
    stdio::error_output().as_ptr()
}

/// Its length in bytes. Nothing is owned.
#[unsafe(no_mangle)]
extern "C" fn error_output_len() -> usize {
    if poisoned() { 0 } else { stdio::error_output().len() }
}

/// Forgets the error output; a status. Error output handed out before is gone.
#[unsafe(no_mangle)]
extern "C" fn error_output_clear() -> i32 {
    guard(status::POISONED, || {
        stdio::error_output().free();
        status::OK
    })
}

/// Puts a file into the file system, or new contents into it; a status. The bytes stay the caller's.
#[unsafe(no_mangle)]
extern "C" fn write_file(name_ptr: usize, name_len: usize, ptr: usize, len: usize) -> i32 {
    guard(status::POISONED, || match (region(name_ptr, name_len), region(ptr, len)) {
        (Some(name), Some(contents)) => files::write(name, contents),
        _ => status::BAD_ARGUMENT,
    })
}

/// Makes a file's contents the result; its length, or minus a status. The result is the module's, until the next run,
/// `read_file` or `reset`.
#[unsafe(no_mangle)]
extern "C" fn read_file(name_ptr: usize, name_len: usize) -> i32 {
    guard(-status::POISONED, || match region(name_ptr, name_len) {
        Some(name) => files::read(name),
        None => -status::BAD_ARGUMENT,
    })
}

/// Adds to standard input (option INPUT); no bytes are its end. A status. The bytes stay the caller's.
#[unsafe(no_mangle)]
extern "C" fn write_input(ptr: usize, len: usize) -> i32 {
    guard(status::POISONED, || region(ptr, len).map_or(status::BAD_ARGUMENT, input::write))
}

/// Takes a file out of the file system; a status. Nothing is owned.
#[unsafe(no_mangle)]
extern "C" fn remove_file(name_ptr: usize, name_len: usize) -> i32 {
    guard(status::POISONED, || region(name_ptr, name_len).map_or(status::BAD_ARGUMENT, files::remove))
}

/// Makes the list of all files the result; as `read_file`. The result is the module's, until the next run, `read_file`,
/// `list_files` or `reset`.
#[unsafe(no_mangle)]
extern "C" fn list_files() -> i32 {
    guard(-status::POISONED, listing::list_files)
}

/// Sets the time zone by a TZ string of POSIX; a status. The bytes stay the caller's.
#[unsafe(no_mangle)]
extern "C" fn time_zone(ptr: usize, len: usize) -> i32 {
    guard(status::POISONED, || region(ptr, len).map_or(status::BAD_ARGUMENT, set_time_zone))
}
