//! The list of references that Lua dropped, which the host asks for.

use libc_shim::heap::Buffer;

use super::msgpack::{Failure, Functions, Sink};
use super::references;
use crate::bytes::answer;

/// Appends the numbers of the references that Lua dropped.
fn encode(out: &mut Buffer) -> Result<(), Failure> {
    let numbers = references::dropped();
    let mut sink = Sink::new(out, usize::MAX, Functions::Handles);
    sink.array(numbers.len())?;
    numbers.iter().try_for_each(|number| sink.integer(i64::from(*number)))
}

/// Makes the numbers of the references that Lua dropped the result, an array, and forgets them; its length, or minus a status.
/// RESULT is no reason to leave numbers out, as there are no more than the host gave.
pub fn dropped() -> i32 {
    let mut out = Buffer::new();
    if encode(&mut out).is_err() {
        return answer::no_contents();
    }
    let answer = answer::unmeasured(out.as_slice());
    if answer >= 0 {
        references::told();
    }
    answer
}
