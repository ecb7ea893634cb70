//! The files that `io`, `require`, `dofile` and the host see, kept in memory.
//!
//! A name is a path: `a/b`, `./a/b` and `/a/b` are one file, and folders need no making. A file
//! can be no folder for new files. A file that is removed while it is open lives on, without a name, until it is closed.

use core::ffi::c_int;
use core::mem::size_of;
use core::ptr;

use crate::devices::{self, device};
use crate::errno::{EINVAL, EISDIR, ENOENT, ENOMEM, ENOTDIR};
use crate::heap::{self, Buffer, Kept};
use crate::single::Single;
/// Bytes of names read, files passed over and bytes of gaps filled are work, and taken from where all of it is.
pub use crate::work::{note as note_work, take as take_work};

/// Chains of the name table; a power of two.
const BUCKETS: usize = 64;

/// One file: its bytes, its name while it has one, and how many streams hold it.
pub struct Node {
    next: *mut Node,
    name: Buffer,
    named: bool,
    streams: usize,
    pub data: Buffer,
    /// What [`keep`] lists its blocks with: its own, the name's, the data's.
    kept: [Kept; 3],
}

impl Node {
    /// The normalized name.
    pub fn name(&self) -> &[u8] {
        self.name.as_slice()
    }
}

static TABLE: Single<[*mut Node; BUCKETS]> = Single::new([ptr::null_mut(); BUCKETS]);

/// The hash of no name, and how a byte goes into a hash (FNV-1a).
const EMPTY_HASH: u32 = 0x811c_9dc5;

fn mix(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
}

/// Where the walk along a chain stands: the place that points to the node, so that a node can be taken out.
fn find(name: &[u8]) -> *mut *mut Node {
    note_work(name.len());
    find_hashed(name, name.iter().fold(EMPTY_HASH, |hash, byte| mix(hash, *byte)))
}

/// As [`find`], for a name whose hash is known.
fn find_hashed(name: &[u8], hash: u32) -> *mut *mut Node {
    let bucket = (hash as usize) & (BUCKETS - 1);
    let mut steps = 0;
    // SAFETY: the bucket lies within the table; chains end in null and hold live nodes only.
    let place = unsafe {
        let mut place = TABLE.as_ptr().cast::<*mut Node>().add(bucket);
        while !(*place).is_null() && (**place).name.as_slice() != name {
            place = &raw mut (**place).next;
            steps += 8;
        }
        place
    };
    note_work(steps);
    place
}

/// The path without empty parts, `.` and `..`; `None` when memory is out. It is empty for the root.
pub fn normalize(path: &[u8]) -> Option<Buffer> {
    let mut name = Buffer::new();
    note_work(path.len() * 2);
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

/// The normalized name that a path gives a file, or the error number that says why it gives none.
pub fn resolve(path: &[u8]) -> Result<Buffer, c_int> {
    if path.is_empty() {
        return Err(ENOENT);
    }
    if path.contains(&0) {
        return Err(EINVAL); // to C the name ends there
    }
    let name = normalize(path).ok_or(ENOMEM)?;
    let last = path.rsplit(|&byte| byte == b'/').next();
    if name.as_slice() == devices::FOLDER || matches!(last, None | Some(b"" | b"." | b"..")) {
        return Err(EISDIR);
    }
    if open(&name).is_none() && lies_below_file(&name) {
        return Err(ENOTDIR);
    }
    Ok(name)
}

/// The file of that normalized name.
pub fn open(name: &Buffer) -> Option<*mut Node> {
    // SAFETY: `find` gives a valid place.
    let node = unsafe { *find(name.as_slice()) };
    (!node.is_null()).then_some(node)
}

/// Whether a folder of that normalized name is in fact a file, or a device.
fn lies_below_file(name: &Buffer) -> bool {
    let name = name.as_slice();
    note_work(name.len() * 2);
    let mut hash = EMPTY_HASH;
    name.iter().enumerate().any(|(at, &byte)| {
        let folder = &name[..at];
        // SAFETY: `find_hashed` gives a valid place.
        let is_file =
            byte == b'/' && (device(folder).is_some() || unsafe { !(*find_hashed(folder, hash)).is_null() });
        hash = mix(hash, byte);
        is_file
    })
}

/// Gives each file that has a name to `visit`, in the order of the table, until that answers false.
pub fn for_each(mut visit: impl FnMut(*const Node) -> bool) {
    for bucket in 0..BUCKETS {
        // SAFETY: the bucket lies within the table; chains end in null and hold live nodes only.
        unsafe {
            let mut node = *TABLE.as_ptr().cast::<*mut Node>().add(bucket);
            while !node.is_null() {
                if !visit(node) {
                    return;
                }
                node = (*node).next;
            }
        }
    }
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
    let empty = Node {
        next: ptr::null_mut(),
        name: Buffer::new(),
        named: false,
        streams: 0,
        data: Buffer::new(),
        kept: [const { Kept { next: ptr::null_mut(), start: ptr::null_mut(), size: 0 } }; 3],
    };
    // SAFETY: the block is new and large enough.
    unsafe { node.write(empty) }
    Some(node)
}

/// Gives back the memory that files do not need.
pub fn fit() {
    for_each(|node| {
        // SAFETY: the node is live, and nobody else refers to its data.
        unsafe { (*node.cast_mut()).data.fit() };
        true
    });
}

/// Lists the blocks of the files that have a name, which no stream holds any more: for a host that drops the program whose
/// streams these were. `None` when there is no end of them.
pub fn keep() -> Option<*mut Kept> {
    let mut list = ptr::null_mut();
    let mut left = heap::most_blocks();
    for_each(|node| {
        // SAFETY: the node is live, and nobody else refers to it.
        let node = unsafe { &mut *node.cast_mut() };
        node.streams = 0;
        let start = ptr::from_mut(node).cast();
        let [own, name, data] = &mut node.kept;
        *own = Kept { next: list, start, size: size_of::<Node>() };
        list = own;
        node.name.keep(name, &mut list);
        node.data.keep(data, &mut list);
        left = left.saturating_sub(1);
        left > 0
    });
    (left > 0 || list.is_null()).then_some(list)
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
