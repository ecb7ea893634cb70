//! Lua values to MessagePack.

use core::ffi::c_int;
use core::slice;
use core::str;

use libc_shim::heap::Buffer;

use super::decode::handles_in;
use super::{Failure, Functions, HANDLE, Level, Nesting, REFERENCE, marks};
use crate::bytes::options;
use crate::lua::{self, State, meter};
use crate::values::{handles, references};

/// Stack slots that a step takes beside its table.
const SLOTS: c_int = 8;

/// Where encoded bytes go.
pub struct Sink<'a> {
    out: &'a mut Buffer,
    limit: usize,
    functions: Functions,
    /// Whether strings are `str` where they are valid UTF-8.
    texts: bool,
    /// Where the stack holds the name that [`marks`] looks for.
    mark: c_int,
}

impl<'a> Sink<'a> {
    pub fn new(out: &'a mut Buffer, limit: usize, functions: Functions) -> Self {
        let texts = functions == Functions::Refuse || !options::strings_are_bytes();
        Self { out, limit, functions, texts, mark: 0 }
    }
}

impl Sink<'_> {
    /// Makes room for `len` bytes.
    fn reserve(&mut self, len: usize) -> Result<(), Failure> {
        if len > self.limit.saturating_sub(self.out.len()) {
            return Err(Failure::TooLong);
        }
        if self.out.reserve(len) { Ok(()) } else { Err(Failure::Memory) }
    }

    #[inline(never)] // it is called from everywhere
    fn put(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.reserve(bytes.len())?;
        if self.out.push(bytes) { Ok(()) } else { Err(Failure::Memory) }
    }

    /// A marker and the last `width` bytes of `number`, big endian.
    #[inline(never)] // as above
    fn number(&mut self, marker: u8, number: u64, width: usize) -> Result<(), Failure> {
        let mut bytes = [marker; 9];
        if let Some(last) = bytes.last_chunk_mut() {
            *last = (number << (64 - 8 * width)).to_be_bytes();
        }
        self.put(bytes.get(..=width).unwrap_or_default())
    }

    /// A length: in the marker `short` when it is below `end`, else behind one of three markers; 0 where there is none.
    fn length(&mut self, short: u8, end: usize, long: [u8; 3], len: usize) -> Result<(), Failure> {
        let number = len as u64;
        match len {
            _ if len < end => self.put(&[short | len as u8]),
            0..=0xff if long[0] != 0 => self.number(long[0], number, 1),
            0..=0xffff => self.number(long[1], number, 2),
            _ => self.number(long[2], number, 4),
        }
    }

    pub fn array(&mut self, len: usize) -> Result<(), Failure> {
        self.length(0x90, 16, [0, 0xdc, 0xdd], len)
    }

    fn map(&mut self, len: usize) -> Result<(), Failure> {
        self.length(0x80, 16, [0, 0xde, 0xdf], len)
    }

    pub fn string(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.texts && str::from_utf8(bytes).is_ok() {
            self.length(0xa0, 32, [0xd9, 0xda, 0xdb], bytes.len())?;
        } else {
            self.length(0, 0, [0xc4, 0xc5, 0xc6], bytes.len())?;
        }
        self.put(bytes)
    }

    pub fn integer(&mut self, integer: i64) -> Result<(), Failure> {
        let number = integer as u64;
        match integer {
            -0x20..=0x7f => self.put(&[integer as u8]),
            0x80..=0xff => self.number(0xcc, number, 1),
            0x100..=0xffff => self.number(0xcd, number, 2),
            0x1_0000..=0xffff_ffff => self.number(0xce, number, 4),
            0x1_0000_0000.. => self.number(0xcf, number, 8),
            -0x80..=-0x21 => self.number(0xd0, number, 1),
            -0x8000..=-0x81 => self.number(0xd1, number, 2),
            -0x8000_0000..=-0x8001 => self.number(0xd2, number, 4),
            _ => self.number(0xd3, number, 8),
        }
    }

    /// Engines differ in the sign and payload of a NaN, so it has one face only.
    fn float(&mut self, float: f64) -> Result<(), Failure> {
        let float = if float.is_nan() { f64::NAN } else { float };
        self.number(0xcb, float.to_bits(), 8)
    }

    /// The object on top as a handle. Room comes first, so that a handle given is a handle written.
    ///
    /// # Safety
    /// `L` is live, [`SLOTS`] are free, and the call is protected.
    unsafe fn handle(&mut self, L: *mut State, refusal: Failure) -> Result<(), Failure> {
        if self.functions == Functions::Refuse {
            return Err(refusal);
        }
        self.reserve(6)?;
        // SAFETY: as the caller upholds.
        let id = unsafe { handles::give(L) };
        self.extension(HANDLE, id)
    }

    /// A number as an ext of that type.
    fn extension(&mut self, kind: u8, number: u32) -> Result<(), Failure> {
        self.number(0xd6, u64::from(kind) << 32 | u64::from(number), 5)
    }
}

/// Appends the stack's values from `first` to `last` to `out`, as one array; nothing on a failure. `limit` is the most
/// bytes that `out` may then hold. May raise (memory, the end of a budget): then the caller does [`take_back`].
///
/// # Safety
/// `L` is live, both indices are absolute and its own, and the call is protected.
pub unsafe fn encode_array(
    L: *mut State,
    first: c_int,
    last: c_int,
    out: &mut Buffer,
    limit: usize,
    functions: Functions,
) -> Result<(), Failure> {
    let len = usize::try_from(last - first + 1).unwrap_or(0);
    // SAFETY: as the caller upholds.
    unsafe { append(L, first, last, Some(len), &mut Sink::new(out, limit, functions)) }
}

/// Appends the stack's value at `index` to `out`, like [`encode_array`].
///
/// # Safety
/// As for [`encode_array`].
pub unsafe fn encode_value(
    L: *mut State,
    index: c_int,
    out: &mut Buffer,
    limit: usize,
    functions: Functions,
) -> Result<(), Failure> {
    // SAFETY: as the caller upholds.
    unsafe { append(L, index, index, None, &mut Sink::new(out, limit, functions)) }
}

/// Undoes an encoding that failed or raised: releases the handles in `out` from `start` on, and cuts it there.
///
/// # Safety
/// `L` is live with four free slots, and `out` holds values from `start` on, the last perhaps in part.
pub unsafe fn take_back(L: *mut State, out: &mut Buffer, start: usize) {
    for id in handles_in(out.as_slice().get(start..).unwrap_or_default()) {
        // SAFETY: as the caller upholds.
        unsafe { handles::release(L, id) };
    }
    out.truncate(start);
}

/// Appends values, after the head of an array of that length if there is one.
///
/// # Safety
/// As for [`encode_array`].
unsafe fn append(
    L: *mut State,
    first: c_int,
    last: c_int,
    array: Option<usize>,
    sink: &mut Sink<'_>,
) -> Result<(), Failure> {
    let start = sink.out.len();
    // SAFETY: as the caller upholds.
    unsafe {
        let top = lua::lua_gettop(L);
        if lua::lua_checkstack(L, SLOTS) == 0 {
            return Err(Failure::Memory);
        }
        let is_plain = |index| (lua::TNIL..=lua::TSTRING).contains(&lua::lua_type(L, index));
        if !(first..=last).all(is_plain) {
            // Now: this may run finalizers, which must not meet a table that is being read.
            sink.mark = top + 1;
            marks::push_name(L);
            if sink.functions == Functions::Handles {
                handles::prepare(L);
            }
        }
        let mut nesting = Nesting::new();
        let mut written = array.map_or(Ok(()), |len| sink.array(len));
        for index in first..=last {
            written = written.and_then(|()| value(L, index, sink, &mut nesting));
        }
        lua::lua_settop(L, top);
        if written.is_err() {
            take_back(L, sink.out, start);
        }
        written
    }
}

/// # Safety
/// As for [`encode_array`], with [`SLOTS`] free.
unsafe fn value(
    L: *mut State,
    index: c_int,
    sink: &mut Sink<'_>,
    nesting: &mut Nesting,
) -> Result<(), Failure> {
    // SAFETY: as the caller upholds. Each table under way stands on the stack, a map's followed by its current key.
    unsafe {
        lua::lua_pushvalue(L, index);
        loop {
            if lua::lua_type(L, -1) == lua::TTABLE {
                enter(L, sink, nesting)?;
            } else {
                scalar(L, sink)?;
                lua::lua_settop(L, -2);
            }
            loop {
                let Some(level) = nesting.innermost() else { return Ok(()) };
                if level.left > 0 {
                    step(L, level)?;
                    break;
                }
                // The table goes, and a map's last key with it.
                lua::lua_settop(L, if level.is_map() { -3 } else { -2 });
                nesting.leave();
            }
        }
    }
}

/// Pushes what comes next in the table under way. A map's value is left below its key, to come after it.
///
/// # Safety
/// As for [`value`].
unsafe fn step(L: *mut State, level: &mut Level) -> Result<(), Failure> {
    level.left -= 1;
    // SAFETY: as the caller upholds.
    unsafe {
        if !level.is_map() {
            lua::lua_rawgeti(L, -1, i64::from(level.index));
            level.index += 1;
        } else if level.at_key() {
            // A weak table loses entries to a collection, which happens only where memory ran out.
            if lua::lua_next(L, -2) == 0 {
                return Err(Failure::Memory);
            }
            lua::lua_pushvalue(L, -2);
        }
    }
    Ok(())
}

/// Writes the head of the table on top and makes it the innermost under way.
///
/// # Safety
/// As for [`value`].
unsafe fn enter(L: *mut State, sink: &mut Sink<'_>, nesting: &mut Nesting) -> Result<(), Failure> {
    // SAFETY: as the caller upholds.
    unsafe {
        if lua::lua_checkstack(L, SLOTS) == 0 {
            return Err(Failure::Memory);
        }
        let (len, is_array) = match marks::find(L, sink.mark) {
            None => shape(L),
            Some(marks::MAP) => (shape(L).0, false),
            Some(_) => (marks::array_len(L)?, true),
        };
        let level = if is_array { Level::array(len) } else { Level::map(len) };
        if !nesting.enter(level) {
            return Err(Failure::Cycle);
        }
        if is_array {
            return sink.array(len);
        }
        lua::lua_pushnil(L);
        sink.map(len)
    }
}

/// How many entries the table on top has, and whether their keys are exactly 1 to that number.
///
/// # Safety
/// As for [`value`].
unsafe fn shape(L: *mut State) -> (usize, bool) {
    // SAFETY: as the caller upholds.
    unsafe {
        let border = lua::lua_rawlen(L, -1);
        let mut len = 0;
        let mut is_array = true;
        lua::lua_pushnil(L);
        while lua::lua_next(L, -2) != 0 {
            lua::lua_settop(L, -2);
            len += 1;
            if is_array {
                let key = lua::lua_tointegerx(L, -1, core::ptr::null_mut()) as u64;
                is_array = lua::lua_isinteger(L, -1) != 0 && (1..=border).contains(&key);
            }
        }
        (len, is_array && len as u64 == border)
    }
}

/// Writes the value on top, which is no table.
///
/// # Safety
/// As for [`value`].
unsafe fn scalar(L: *mut State, sink: &mut Sink<'_>) -> Result<(), Failure> {
    // SAFETY: as the caller upholds; a string stays where it is while it is on the stack.
    unsafe {
        match lua::lua_type(L, -1) {
            lua::TNIL => sink.put(&[0xc0]),
            lua::TLIGHTUSERDATA if lua::lua_touserdata(L, -1).is_null() => sink.put(&[0xc0]),
            lua::TBOOLEAN => sink.put(&[0xc2 | u8::from(lua::lua_toboolean(L, -1) != 0)]),
            lua::TNUMBER if lua::lua_isinteger(L, -1) != 0 => {
                sink.integer(lua::lua_tointegerx(L, -1, core::ptr::null_mut()))
            }
            lua::TNUMBER => sink.float(lua::lua_tonumberx(L, -1, core::ptr::null_mut())),
            lua::TSTRING => {
                let mut len = 0;
                let start = lua::lua_tolstring(L, -1, &raw mut len);
                meter::owe(len >> 4);
                sink.string(slice::from_raw_parts(start, len))
            }
            lua::TFUNCTION => sink.handle(L, Failure::Function),
            lua::TTHREAD => sink.handle(L, Failure::Thread),
            _ => match references::number(L, -1) {
                Some(number) if sink.functions == Functions::Handles => sink.extension(REFERENCE, number),
                _ => sink.handle(L, Failure::Userdata),
            },
        }
    }
}
