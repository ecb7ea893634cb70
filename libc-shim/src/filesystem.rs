//! The files that `io`, `require`, `dofile` and the host see, kept in memory.
//!
//! A name is a path: `a/b`, `./a/b` and `/a/b` are one file, and folders need no making. A file
//! can be no folder for a script's new files. A file that is removed while it is open lives on, without a name, until it is closed.

use core::mem::size_of;
use core::ptr;

use crate::heap::{self, Buffer};
use crate::single::Single;

/// Chains of the name table; a power of two.
const BUCKETS: usize = 64;

/// One file: its bytes, its name while it has one, and how many streams hold it.
pub struct Node {
    next: *mut Node,
    name: Buffer,
    named: bool,
    streams: usize,
    pub data: Buffer,
}

static TABLE: Single<[*mut Node; BUCKETS]> = Single::new([ptr::null_mut(); BUCKETS]);

/// Where the walk along a chain stands: the place that points to the node, so that a node can be taken out.
fn find(name: &[u8]) -> *mut *mut Node {
    let mut hash: u32 = 0x811c_9dc5;
    for &byte in name {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    let bucket = (hash as usize) & (BUCKETS - 1);
    // SAFETY: the bucket lies within the table; chains end in null and hold live nodes only.
    unsafe {
        let mut place = TABLE.as_ptr().cast::<*mut Node>().add(bucket);
        while !(*place).is_null() && (**place).name.as_slice() != name {
            place = &raw mut (**place).next;
        }
        place
    }
}

/// The path without empty parts, `.` and `..`; `None` when memory is out. It is empty for the root.
pub fn normalize(path: &[u8]) -> Option<Buffer> {
    let mut name = Buffer::new();
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                let parent = name.as_slice().iter().rposition(|&byte| byte == b'/').unwrap_or(0);
                name.truncate(parent);
            }
            part => {
                let separator: &[u8] = if name.is_empty() { b"" } else { b"/" };
                if !(name.push(separator) && name.push(part)) {
                    return None;
                }
            }
        }
    }
    Some(name)
}

/// The file of that normalized name.
pub fn open(name: &Buffer) -> Option<*mut Node> {
    // SAFETY: `find` gives a valid place.
    let node = unsafe { *find(name.as_slice()) };
    (!node.is_null()).then_some(node)
}

/// Whether a folder of that normalized name is in fact a file.
pub fn lies_below_file(name: &Buffer) -> bool {
    let name = name.as_slice();
    let mut slashes = name.iter().enumerate().filter(|&(_, &byte)| byte == b'/');
    // SAFETY: `find` gives a valid place.
    slashes.any(|(slash, _)| unsafe { !(*find(&name[..slash])).is_null() })
}

/// A new empty file of that normalized name, which must not exist yet; `None` when memory is out.
pub fn create(name: Buffer) -> Option<*mut Node> {
    let node = create_unnamed()?;
    let place = find(name.as_slice());
    // SAFETY: `node` is new, and `place` is the end of its chain.
    unsafe {
        (*node).name = name;
        (*node).named = true;
        *place = node;
    }
    Some(node)
}

/// A new empty file without a name; `None` when memory is out.
pub fn create_unnamed() -> Option<*mut Node> {
    let node = heap::allocate(size_of::<Node>()).cast::<Node>();
    if node.is_null() {
        return None;
    }
    let empty =
        Node { next: ptr::null_mut(), name: Buffer::new(), named: false, streams: 0, data: Buffer::new() };
    // SAFETY: the block is new and large enough.
    unsafe { node.write(empty) }
    Some(node)
}

/// Takes a file's name away; false when there is no such file.
pub fn remove(name: &Buffer) -> bool {
    let place = find(name.as_slice());
    // SAFETY: `place` is valid, and what it points to is live.
    unsafe {
        let node = *place;
        if node.is_null() {
            return false;
        }
        *place = (*node).next;
        (*node).named = false;
        free_if_unused(node);
    }
    true
}

/// Gives a file another name, in place of a file that had it; false when there is no such file.
pub fn rename(from: &Buffer, to: Buffer) -> bool {
    // SAFETY: places are valid; the node is taken out before `to` is looked up, so chains stay whole.
    unsafe {
        let place = find(from.as_slice());
        let node = *place;
        if node.is_null() {
            return false;
        }
        if from.as_slice() == to.as_slice() {
            return true;
        }
        *place = (*node).next;
        (*node).next = ptr::null_mut();
        remove(&to);
        let place = find(to.as_slice());
        (*node).name = to;
        *place = node;
    }
    true
}

/// Notes that a stream holds `node`.
///
/// # Safety
/// `node` is live.
pub unsafe fn hold(node: *mut Node) {
    // SAFETY: as the caller upholds.
    unsafe { (*node).streams += 1 }
}

/// Notes that a stream let go of `node`, which ends a file without a name.
///
/// # Safety
/// `node` is live and held; the caller does not use it again.
pub unsafe fn let_go(node: *mut Node) {
    // SAFETY: as the caller upholds.
    unsafe {
        (*node).streams -= 1;
        free_if_unused(node);
    }
}

/// # Safety
/// `node` is live, and is not used again when it has neither a name nor a stream.
unsafe fn free_if_unused(node: *mut Node) {
    // SAFETY: as the caller upholds; the buffers are dropped before the block that holds them.
    unsafe {
        if !(*node).named && (*node).streams == 0 {
            ptr::drop_in_place(node);
            heap::release(node.cast(), size_of::<Node>());
        }
    }
}
