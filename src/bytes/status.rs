//! The numbers that run exports and `status` answer. 1 to 5 are Lua's own.

pub const OK: i32 = 0;
/// A host call is pending.
pub const YIELD: i32 = 1;
pub const ERRSYNTAX: i32 = 3;
pub const ERRMEM: i32 = 4;
/// The slice is used up.
pub const PAUSED: i32 = 16;
/// The output buffer is full.
pub const OUTPUT: i32 = 17;
/// The host ended the task.
pub const CANCELLED: i32 = 19;
/// The script called `os.exit`.
pub const EXIT: i32 = 20;
/// The script waits for standard input.
pub const INPUT: i32 = 21;
/// What the task returned is over the limit that the host set, or no data can hold it.
pub const RESULT: i32 = 22;
// From here on nothing ran, and a task that waits still does.

/// A pointer, length, key, name or id that cannot be.
pub const BAD_ARGUMENT: i32 = 32;
/// The call comes too late or too early.
pub const BAD_STATE: i32 = 33;
/// Data that is no MessagePack, or holds what Lua cannot.
pub const BAD_DATA: i32 = 34;
/// The host's data do not fit into Lua, or a file that it reads is over the limit that it set.
pub const TOO_BIG: i32 = 35;
/// An earlier call was torn down by the engine; only a restore or a new instance helps.
pub const POISONED: i32 = 36;
