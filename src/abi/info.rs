//! The block that `info_ptr` names: what a host would ask several exports for, as the last export left it.
//!
//! Its status word is the busy mark too (see `poison.rs`).

use core::mem::offset_of;
use core::sync::atomic::{Ordering, compiler_fence};

use libc_shim::single::Single;
use libc_shim::{heap, stdio};

use crate::bytes::{answer, status};
use crate::lua::meter;
use crate::task::suspended;
use crate::values::references;

/// Where each part stands in the block.
mod offset {
    pub const ANSWER: usize = 0;
    pub const STATUS: usize = 4;
    pub const TASK: usize = 8;
    pub const KIND: usize = 12;
    pub const RESULT_PTR: usize = 16;
    pub const RESULT_LEN: usize = 20;
    pub const OUTPUT_PTR: usize = 24;
    pub const OUTPUT_LEN: usize = 28;
    pub const ERROR_OUTPUT_PTR: usize = 32;
    pub const ERROR_OUTPUT_LEN: usize = 36;
    pub const FUEL_USED: usize = 40;
    pub const MEMORY_USED: usize = 48;
    pub const DROPPED: usize = 56;
    pub const TASKS: usize = 60;
}

/// A run of bytes in memory.
#[repr(C)]
struct Bytes {
    ptr: u32,
    len: u32,
}

impl Bytes {
    const NONE: Self = Self { ptr: 0, len: 0 };

    fn of(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr() as usize as u32, len: bytes.len() as u32 }
    }
}

#[repr(C)]
struct Info {
    answer: i32,
    status: i32,
    task: i32,
    kind: i32,
    result: Bytes,
    output: Bytes,
    error_output: Bytes,
    fuel_used: f64,
    memory_used: f64,
    dropped: u32,
    tasks: u32,
}

const _: () = {
    assert!(offset_of!(Info, answer) == offset::ANSWER);
    assert!(offset_of!(Info, status) == offset::STATUS);
    assert!(offset_of!(Info, task) == offset::TASK);
    assert!(offset_of!(Info, kind) == offset::KIND);
    assert!(offset_of!(Info, result.ptr) == offset::RESULT_PTR);
    assert!(offset_of!(Info, result.len) == offset::RESULT_LEN);
    assert!(offset_of!(Info, output.ptr) == offset::OUTPUT_PTR);
    assert!(offset_of!(Info, output.len) == offset::OUTPUT_LEN);
    assert!(offset_of!(Info, error_output.ptr) == offset::ERROR_OUTPUT_PTR);
    assert!(offset_of!(Info, error_output.len) == offset::ERROR_OUTPUT_LEN);
    assert!(offset_of!(Info, fuel_used) == offset::FUEL_USED);
    assert!(offset_of!(Info, memory_used) == offset::MEMORY_USED);
    assert!(offset_of!(Info, dropped) == offset::DROPPED);
    assert!(offset_of!(Info, tasks) == offset::TASKS);
    assert!(size_of::<Info>() == 64);
};

static INFO: Single<Info> = Single::new(Info {
    answer: 0,
    status: status::OK,
    task: 0,
    kind: 0,
    result: Bytes::NONE,
    output: Bytes::NONE,
    error_output: Bytes::NONE,
    fuel_used: 0.0,
    memory_used: 0.0,
    dropped: 0,
    tasks: 0,
});

/// The block's address, which never changes.
pub fn ptr() -> *const u8 {
    INFO.as_ptr().cast_const().cast()
}

/// The block's status word.
pub fn status() -> i32 {
    // SAFETY: a static of this module, read on its only thread.
    unsafe { (&raw const (*INFO.as_ptr()).status).read_volatile() }
}

/// Volatile, so that the compiler keeps the mark around work that, as it can see, never reads it.
pub fn set_status(status: i32) {
    // SAFETY: a static of this module, written on its only thread.
    unsafe { (&raw mut (*INFO.as_ptr()).status).write_volatile(status) }
}

/// Notes what a run export answers.
pub fn set_answer(answer: i32) {
    // SAFETY: as above.
    unsafe { (*INFO.as_ptr()).answer = answer }
}

/// Brings the block up to date, its status last.
#[inline(never)] // every export ends with it
pub fn refresh() {
    // SAFETY: as above, and nothing called here looks at the block.
    let info = unsafe { &mut *INFO.as_ptr() };
    info.task = suspended::last();
    info.kind = suspended::last_kind();
    info.result = Bytes::of(answer::bytes());
    info.output = Bytes::of(stdio::output().as_slice());
    info.error_output = Bytes::of(stdio::error_output().as_slice());
    info.fuel_used = meter::used() as f64;
    info.memory_used = heap::used() as f64;
    info.dropped = references::dropped().len() as u32;
    info.tasks = suspended::count() as u32;
    compiler_fence(Ordering::SeqCst);
    set_status(answer::status());
}
