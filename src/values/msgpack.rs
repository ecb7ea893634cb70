//! Lua values as MessagePack, and back.
//!
//! Integers keep all 64 bits and take the shortest form; floats are float64 with their bits, NaN with one face. A string
//! that is valid UTF-8 is `str`, any other `bin`, as is every one that goes to the host with the option STRINGS; both
//! become strings again, and a `str` may hold any bytes. A table whose keys are exactly 1 to n is an array, any other a
//! map, the empty table an array; one that is marked has the form that its mark says (see `marks.rs`). A function, coroutine or userdata is ext type 1, a handle, where the host is the other
//! side, and a reference of the host's is ext type 2 (see [`Functions`]). Tables are read and written raw.
//!
//! Nothing here recurses: a codec at the bottom of a deep recursion of Lua takes no more stack than elsewhere.

mod decode;
mod encode;
#[cfg(not(feature = "mini"))]
mod library;
mod marks;

pub use decode::{
    check_array, check_value, listed_handles, push_array, push_free_array, push_value, references_in,
};
pub use encode::{Sink, encode_array, encode_value, take_back};
#[cfg(not(feature = "mini"))]
pub use library::open;

use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ptr;

use crate::bytes::status;

/// Tables within tables that a value may have.
const DEPTH: usize = 128;

/// The ext type of handles: a function, coroutine or userdata, as four bytes, big endian (see `handles.rs`).
const HANDLE: u8 = 1;

/// The ext type of references: a number of the host's, as four bytes, big endian (see `references.rs`).
const REFERENCE: u8 = 2;

/// What `host.null` is, a light userdata: a nil within arrays and maps, which a table cannot hold.
pub const NULL: *mut c_void = ptr::null_mut();

/// What becomes of functions, coroutines, userdata and references.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Functions {
    /// They become handles, and references of the host's their numbers: the host is on the other side.
    Handles,
    /// They are refused.
    Refuse,
}

/// Why a value cannot be encoded, or data cannot be decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A function, a coroutine or a userdata, where those are refused.
    Function,
    Thread,
    Userdata,
    /// More than [`DEPTH`] tables within each other, or a table within itself.
    Cycle,
    /// A table marked as an array has a key that is no positive integer, or more than `marks::HOLES` holes.
    ArrayKey,
    Holes,
    /// The encoded values are longer than they may be.
    TooLong,
    /// Memory is out.
    Memory,
    /// The data ends within a value.
    Incomplete,
    /// Bytes follow the value.
    Trailing,
    /// The data is another value than an array.
    NotArray,
    /// More than [`DEPTH`] arrays and maps within each other.
    TooDeep,
    /// An integer from 2^63 on, which Lua could hold as an inexact float only.
    Integer,
    /// An ext type that is no handle and no reference, a timestamp too; every one where those are refused.
    Extension,
    /// The byte c1, which the format never uses.
    Reserved,
    /// A map's key that is NaN, or nil without NULLS, which no table can have.
    Key,
    /// A handle that was never given, or was released.
    Handle,
    /// More values than a Lua stack can take.
    TooMany,
}

impl Failure {
    /// The status that tells the host of values that cannot be encoded.
    pub const fn result_status(self) -> i32 {
        if matches!(self, Self::Memory) { status::ERRMEM } else { status::RESULT }
    }

    /// The status that refuses data of the host.
    pub const fn refusal(self) -> i32 {
        if matches!(self, Self::Memory | Self::TooMany) { status::TOO_BIG } else { status::BAD_DATA }
    }

    /// What to tell the host or the script; it ends in NUL.
    pub const fn message(self) -> &'static [u8] {
        match self {
            Self::Function => b"cannot encode a function\0",
            Self::Thread => b"cannot encode a thread\0",
            Self::Userdata => b"cannot encode a userdata\0",
            Self::Cycle => b"tables nest deeper than 128, or in a cycle\0",
            Self::ArrayKey => b"table marked as an array has a key that is no positive integer\0",
            Self::Holes => b"table marked as an array has over 1000000 holes\0",
            Self::TooLong => b"result is over the option RESULT\0",
            Self::Memory => b"not enough memory\0",
            Self::Incomplete => b"data ends too early\0",
            Self::Trailing => b"data goes on after its end\0",
            Self::NotArray => b"data is no array\0",
            Self::TooDeep => b"data nests deeper than 128\0",
            Self::Integer => b"integer in data is over 2^63-1\0",
            Self::Extension => b"unknown extension type in data\0",
            Self::Reserved => b"reserved byte in data\0",
            Self::Key => b"key in data is nil or NaN\0",
            Self::Handle => b"unknown handle in data\0",
            Self::TooMany => b"too many values for Lua's stack\0",
        }
    }
}

/// An array or map under way.
#[derive(Clone, Copy)]
struct Level {
    /// Values still to come; a key is one too.
    left: usize,
    /// Where an array's next value goes, from 1 on; 0 in a map.
    index: u32,
}

impl Level {
    const fn array(len: usize) -> Self {
        Self { left: len, index: 1 }
    }

    /// `len` is below 2^31, as each key and each value takes a byte of memory.
    const fn map(len: usize) -> Self {
        Self { left: 2 * len, index: 0 }
    }

    const fn is_map(&self) -> bool {
        self.index == 0
    }

    /// Whether what was taken last is a map's key.
    const fn at_key(&self) -> bool {
        self.is_map() && self.left % 2 == 1
    }
}

/// The arrays and maps under way within each other; only those up to `depth` have been written, as a call that brings none
/// should not pay for all.
struct Nesting {
    depth: usize,
    levels: [MaybeUninit<Level>; DEPTH],
}

impl Nesting {
    const fn new() -> Self {
        Self { depth: 0, levels: [const { MaybeUninit::uninit() }; DEPTH] }
    }

    /// Enters an array or map; false where nesting ends.
    fn enter(&mut self, level: Level) -> bool {
        let Some(place) = self.levels.get_mut(self.depth) else { return false };
        place.write(level);
        self.depth += 1;
        true
    }

    /// The innermost array or map.
    fn innermost(&mut self) -> Option<&mut Level> {
        let place = self.levels.get_mut(self.depth.checked_sub(1)?)?;
        // SAFETY: `enter` has written each below `depth`.
        Some(unsafe { place.assume_init_mut() })
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}
