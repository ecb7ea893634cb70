//! `tasks` and `request`: which tasks are suspended, and what for. Neither is a run.

use libc_shim::heap::{self, Buffer};

use super::suspended::{self, Task};
use crate::bytes::{answer, options, status};
use crate::values::msgpack::{Failure, Functions, Sink};
use crate::values::result;

/// Appends `[[id, kind, format, fuel used], ...]` as MessagePack.
fn encode(tasks: &[Task], out: &mut Buffer) -> Result<(), Failure> {
    let mut sink = Sink::new(out, usize::MAX, Functions::Refuse);
    sink.array(tasks.len())?;
    for task in tasks {
        sink.array(4)?;
        for number in [i64::from(task.id), i64::from(task.kind), i64::from(task.format), task.used as i64] {
            sink.integer(number)?;
        }
    }
    Ok(())
}

/// Makes the list of suspended tasks, the oldest first, the result; its length, or minus a status.
pub fn tasks() -> i32 {
    heap::open_reserve(true);
    let mut out = Buffer::new();
    let answer = match encode(suspended::all(), &mut out) {
        Ok(()) => answer::contents(out.as_slice()),
        Err(_) => answer::no_contents(),
    };
    out.free();
    heap::open_reserve(false);
    answer
}

/// Makes what a task was suspended with the result once more, and answers as that run did.
pub fn request(id: i32) -> i32 {
    let Some(task) = suspended::find(id) else { return -status::BAD_ARGUMENT };
    let last = answer::status();
    options::run_with_format(task.format);
    answer::show(task.request);
    let answer = result::suspended(task.kind);
    answer::set_status(last);
    answer
}
