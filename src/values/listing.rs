//! The list of files that the host asks for.

use libc_shim::filesystem::{self, Node};
use libc_shim::heap::Buffer;

use super::msgpack::{Failure, Functions, Sink};
use crate::bytes::answer;
use crate::bytes::list::List;

/// A file of the list, by its node.
type File = *const Node;

fn name(file: File) -> &'static [u8] {
    // SAFETY: the file system holds live nodes only, and nothing changes it while the list is made.
    unsafe { (*file).name() }
}

fn size(file: File) -> i64 {
    // SAFETY: as above.
    unsafe { (*file).data.len() as i64 }
}

/// Brings the largest name of the heap's part from `root` on to its root.
fn sift(files: &mut [File], mut root: usize) {
    loop {
        let mut largest = root;
        for child in [2 * root + 1, 2 * root + 2] {
            if let (Some(a), Some(b)) = (files.get(child), files.get(largest))
                && name(*a) > name(*b)
            {
                largest = child;
            }
        }
        if largest == root {
            return;
        }
        files.swap(root, largest);
        root = largest;
    }
}

/// Sorts by the names' bytes. By hand, since what the standard library has comes with panics.
fn sort(files: &mut [File]) {
    for root in (0..files.len() / 2).rev() {
        sift(files, root);
    }
    let mut rest = files;
    while let Some(last) = rest.len().checked_sub(1).filter(|last| *last > 0) {
        rest.swap(0, last);
        rest = rest.split_at_mut(last).0;
        sift(rest, 0);
    }
}

/// Appends all names and sizes as MessagePack.
fn encode(out: &mut Buffer) -> Result<(), Failure> {
    let mut files = List::<File>::new();
    let mut complete = true;
    filesystem::for_each(|file| {
        complete = files.push(file);
        complete
    });
    if !complete {
        return Err(Failure::Memory);
    }
    sort(files.as_mut_slice());
    let mut sink = Sink::new(out, usize::MAX, Functions::Handles);
    sink.array(files.as_slice().len())?;
    for file in files.as_slice() {
        sink.array(2)?;
        sink.string(name(*file))?;
        sink.integer(size(*file))?;
    }
    Ok(())
}

/// Makes the list of all files, `[[name, size], ...]` in the order of the names' bytes, the result; its length, or minus a
/// status.
pub fn list_files() -> i32 {
    let mut out = Buffer::new();
    match encode(&mut out) {
        Ok(()) => answer::contents(out.as_slice()),
        Err(_) => answer::no_contents(),
    }
}
