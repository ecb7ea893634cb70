//! MessagePack to Lua values. Data is checked as a whole before the first value is made of it.

use core::ffi::c_int;
use core::ptr;

use super::{Failure, HANDLE, Level, NULL, Nesting, REFERENCE, marks};
use crate::bytes::options;
use crate::lua::{self, State, meter};
use crate::values::{handles, references};

/// Stack slots that a step takes beside its table.
const SLOTS: c_int = 6;

/// Slots that are left free when many values are pushed, for what the caller has on its stack.
const SPARE: usize = 1000;

/// Units that a push under protection takes beside its values, which are those of one without it, too.
const PROTECTION: usize = 4;

/// One item of the data: a value, or the head of an array or map.
#[derive(Clone, Copy)]
enum Token<'a> {
    Nil,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    String(&'a [u8]),
    Array(usize),
    Map(usize),
    Handle(u32),
    Reference(u32),
}

impl Token<'_> {
    /// Whether a table can have it as a key.
    fn is_key(&self) -> bool {
        match self {
            Self::Nil => options::nulls(),
            Self::Float(float) => !float.is_nan(),
            _ => true,
        }
    }

    /// What an array or map brings with it.
    fn level(&self) -> Option<Level> {
        match *self {
            Self::Array(len) => Some(Level::array(len)),
            Self::Map(len) => Some(Level::map(len)),
            _ => None,
        }
    }
}

/// The data that is still to be read.
#[derive(Clone, Copy)]
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], Failure> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Failure::Incomplete)?;
        self.rest = rest;
        Ok(taken)
    }

    /// A big-endian number of up to eight bytes.
    #[inline(never)] // it is called from everywhere
    fn number(&mut self, width: usize) -> Result<u64, Failure> {
        Ok(self.take(width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn length(&mut self, width: usize) -> Result<usize, Failure> {
        Ok(self.number(width)? as usize)
    }

    fn string(&mut self, width: usize) -> Result<Token<'a>, Failure> {
        let len = self.length(width)?;
        Ok(Token::String(self.take(len)?))
    }

    /// An ext of that length, its type first.
    fn extension(&mut self, len: usize) -> Result<Token<'a>, Failure> {
        let make = match self.number(1)? as u8 {
            HANDLE if len == 4 => Token::Handle,
            REFERENCE if len == 4 => Token::Reference,
            _ => return Err(Failure::Extension),
        };
        Ok(make(self.number(4)? as u32))
    }

    fn token(&mut self) -> Result<Token<'a>, Failure> {
        let (&marker, rest) = self.rest.split_first().ok_or(Failure::Incomplete)?;
        self.rest = rest;
        // Markers that follow each other name widths that double.
        let width = |first: u8| 1usize << ((marker - first) & 7);
        Ok(match marker {
            0x00..=0x7f | 0xe0..=0xff => Token::Integer(i64::from(marker as i8)),
            0x80..=0x8f => Token::Map(usize::from(marker & 0xf)),
            0x90..=0x9f => Token::Array(usize::from(marker & 0xf)),
            0xa0..=0xbf => Token::String(self.take(usize::from(marker & 0x1f))?),
            0xc0 => Token::Nil,
            0xc1 => return Err(Failure::Reserved),
            0xc2 | 0xc3 => Token::Boolean(marker == 0xc3),
            0xc4..=0xc6 => self.string(width(0xc4))?,
            0xc7..=0xc9 => {
                let len = self.length(width(0xc7))?;
                self.extension(len)?
            }
            0xca => float(f64::from(f32::from_bits(self.number(4)? as u32))),
            0xcb => float(f64::from_bits(self.number(8)?)),
            0xcc..=0xcf => {
                let number = self.number(width(0xcc))?;
                Token::Integer(i64::try_from(number).map_err(|_| Failure::Integer)?)
            }
            0xd0..=0xd3 => {
                let width = width(0xd0);
                let unused = 64 - 8 * width;
                Token::Integer((self.number(width)? << unused) as i64 >> unused)
            }
            0xd4..=0xd8 => self.extension(width(0xd4))?,
            0xd9..=0xdb => self.string(width(0xd9))?,
            0xdc | 0xdd => Token::Array(self.length(2 * width(0xdc))?),
            0xde | 0xdf => Token::Map(self.length(2 * width(0xde))?),
        })
    }

    /// Goes past one value; a failure when it is none, or none that Lua can have, or holds a handle or reference
    /// that `allowed` refuses.
    fn skip(
        &mut self,
        nesting: &mut Nesting,
        allowed: &dyn Fn(Token<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        loop {
            let token = self.token()?;
            if nesting.innermost().is_some_and(|level| level.at_key()) && !token.is_key() {
                return Err(Failure::Key);
            }
            match token {
                // Each value takes a byte at least.
                Token::Array(len) if len > self.rest.len() => return Err(Failure::Incomplete),
                Token::Map(len) if len > self.rest.len() / 2 => return Err(Failure::Incomplete),
                Token::Handle(_) | Token::Reference(_) => allowed(token)?,
                _ => {}
            }
            if token.level().is_some_and(|level| !nesting.enter(level)) {
                return Err(Failure::TooDeep);
            }
            loop {
                let Some(level) = nesting.innermost() else { return Ok(()) };
                if level.left > 0 {
                    level.left -= 1;
                    break;
                }
                nesting.leave();
            }
        }
    }
}

/// Engines differ in the sign and payload of a NaN, so it has one face only.
fn float(float: f64) -> Token<'static> {
    Token::Float(if float.is_nan() { f64::NAN } else { float })
}

/// The tokens of values, the last of which may be cut off.
fn tokens(bytes: &[u8]) -> impl Iterator<Item = Token<'_>> {
    let mut reader = Reader { rest: bytes };
    core::iter::from_fn(move || reader.token().ok())
}

/// The handles in encoded values, the last of which may be cut off.
pub fn handles_in(bytes: &[u8]) -> impl Iterator<Item = u32> {
    tokens(bytes).filter_map(|token| match token {
        Token::Handle(id) => Some(id),
        _ => None,
    })
}

/// The handles that the one array which `bytes` is lists, as such or as integers; 0 for a number that none can have. A failure
/// when it lists anything else.
pub fn listed_handles(bytes: &[u8]) -> Result<impl Iterator<Item = u32> + Clone, Failure> {
    let mut reader = Reader { rest: bytes };
    let Token::Array(len) = reader.token()? else { return Err(Failure::NotArray) };
    let list = (0..len).scan(reader, |reader, _| listed_handle(reader.token().ok()?));
    for _ in 0..len {
        listed_handle(reader.token()?).ok_or(Failure::Handle)?;
    }
    if reader.rest.is_empty() { Ok(list) } else { Err(Failure::Trailing) }
}

fn listed_handle(token: Token<'_>) -> Option<u32> {
    match token {
        Token::Handle(id) => Some(id),
        Token::Integer(id) => Some(u32::try_from(id).unwrap_or(0)),
        _ => None,
    }
}

/// The references in data, likewise.
pub fn references_in(bytes: &[u8]) -> impl Iterator<Item = u32> {
    tokens(bytes).filter_map(|token| match token {
        Token::Reference(number) => Some(number),
        _ => None,
    })
}

/// How many values the one array that `bytes` is has; a failure when it is none, or none that Lua can have.
///
/// # Safety
/// `L` is live with two free slots.
pub unsafe fn check_array(L: *mut State, bytes: &[u8]) -> Result<c_int, Failure> {
    let mut reader = Reader { rest: bytes };
    let Token::Array(len) = reader.token()? else { return Err(Failure::NotArray) };
    let mut nesting = Nesting::new();
    for _ in 0..len {
        // SAFETY: as the caller upholds.
        reader.skip(&mut nesting, &|token| unsafe { in_force(L, token) })?;
    }
    if !reader.rest.is_empty() {
        return Err(Failure::Trailing);
    }
    if len > lua::MAXSTACK - SPARE {
        return Err(Failure::TooMany);
    }
    Ok(len as c_int)
}

/// Whether `bytes` are one value that Lua can have; a failure when not.
///
/// # Safety
/// As for [`check_array`].
pub unsafe fn check_value(L: *mut State, bytes: &[u8]) -> Result<(), Failure> {
    // SAFETY: as the caller upholds.
    let len = first_len(bytes, &|token| unsafe { in_force(L, token) })?;
    if len < bytes.len() { Err(Failure::Trailing) } else { Ok(()) }
}

/// A failure for a handle that is not in force; a reference is counted.
///
/// # Safety
/// As for [`check_array`].
unsafe fn in_force(L: *mut State, token: Token<'_>) -> Result<(), Failure> {
    let Token::Handle(id) = token else {
        references::expect();
        return Ok(());
    };
    // SAFETY: as the caller upholds.
    unsafe {
        if !handles::push(L, id) {
            return Err(Failure::Handle);
        }
        lua::lua_settop(L, -2);
    }
    Ok(())
}

/// Pushes the values of the array that `bytes` is, handles as their objects; or a failure, with nothing pushed. May raise
/// (memory).
///
/// # Safety
/// `L` is live, the call is protected, [`check_array`] found no failure, and `bytes` stays as it is, whatever a finalizer
/// of the script does.
pub unsafe fn push_array(L: *mut State, bytes: &[u8]) -> Result<(), Failure> {
    let mut reader = Reader { rest: bytes };
    let Token::Array(len) = reader.token()? else { return Err(Failure::NotArray) };
    // SAFETY: as the caller upholds.
    unsafe {
        if lua::lua_checkstack(L, len as c_int + SLOTS) == 0 {
            return Err(Failure::Memory);
        }
        push(L, &mut reader, len, &mut Nesting::new())
    }
}

/// As [`push_array`], where all values are such that no memory has to be had for them; how many there are. `None`, and nothing pushed, where
/// they are not, or `bytes` is no array of values that Lua can have. Never raises.
///
/// # Safety
/// `L` is live.
pub unsafe fn push_free_array(L: *mut State, bytes: &[u8]) -> Option<c_int> {
    let mut reader = Reader { rest: bytes };
    let Ok(Token::Array(len)) = reader.token() else { return None };
    for pushed in 0..len {
        let (kind, bits, text) = match reader.token() {
            Ok(Token::Nil) => (lua::TNIL, 0, ptr::null()),
            Ok(Token::Boolean(boolean)) => (lua::TBOOLEAN, u64::from(boolean), ptr::null()),
            Ok(Token::Integer(integer)) => (lua::VNUMINT, integer as u64, ptr::null()),
            Ok(Token::Float(float)) => (lua::VNUMFLT, float.to_bits(), ptr::null()),
            Ok(Token::String(bytes)) => (lua::TSTRING, bytes.len() as u64, bytes.as_ptr()),
            _ => (lua::TNONE, 0, ptr::null()),
        };
        // SAFETY: as the caller upholds; no more values go than came.
        unsafe {
            if kind == lua::TNONE || lua::moonlet_push_free(L, kind, bits, text) == 0 {
                lua::moonlet_drop(L, pushed as c_int);
                return None;
            }
        }
    }
    if !reader.rest.is_empty() {
        // SAFETY: as above.
        unsafe { lua::moonlet_drop(L, len as c_int) }
        return None;
    }
    meter::owe(PROTECTION + 2 * len);
    Some(len as c_int)
}

/// Pushes the value that `bytes` starts with, which must hold no handle and no reference, and tells how many bytes it takes.
///
/// # Safety
/// As for [`push_array`], but nothing was checked.
#[cfg(not(feature = "mini"))]
pub unsafe fn decode_first(L: *mut State, bytes: &[u8]) -> Result<usize, Failure> {
    let len = first_len(bytes, &|_| Err(Failure::Extension))?;
    // SAFETY: as the caller upholds; the value was checked.
    unsafe { push_value(L, bytes)? }
    Ok(len)
}

/// Bytes of the value that `bytes` starts with.
fn first_len(bytes: &[u8], allowed: &dyn Fn(Token<'_>) -> Result<(), Failure>) -> Result<usize, Failure> {
    let mut check = Reader { rest: bytes };
    check.skip(&mut Nesting::new(), allowed)?;
    Ok(bytes.len() - check.rest.len())
}

/// Pushes the one value that `bytes` is, like [`push_array`].
///
/// # Safety
/// As for [`push_array`], with [`check_value`].
pub unsafe fn push_value(L: *mut State, bytes: &[u8]) -> Result<(), Failure> {
    // SAFETY: as the caller upholds.
    unsafe {
        if lua::lua_checkstack(L, SLOTS) == 0 {
            return Err(Failure::Memory);
        }
        push(L, &mut Reader { rest: bytes }, 1, &mut Nesting::new())
    }
}

/// Pushes `len` values, or nothing on a failure.
///
/// # Safety
/// As for [`push_array`], with `len` slots free and [`SLOTS`] more; the values were checked.
unsafe fn push(
    L: *mut State,
    reader: &mut Reader<'_>,
    len: usize,
    nesting: &mut Nesting,
) -> Result<(), Failure> {
    // SAFETY: as the caller upholds.
    unsafe {
        let top = lua::lua_gettop(L);
        let pushed = (0..len).try_for_each(|_| value(L, reader, nesting));
        if pushed.is_err() {
            lua::lua_settop(L, top);
        }
        pushed
    }
}

/// # Safety
/// As for [`push`].
unsafe fn value(L: *mut State, reader: &mut Reader<'_>, nesting: &mut Nesting) -> Result<(), Failure> {
    loop {
        let token = reader.token()?;
        meter::owe(1);
        // SAFETY: as the caller upholds.
        unsafe { make(L, token, nesting.depth > 0)? }
        let level = token.level();
        if level.is_some_and(|level| !nesting.enter(level)) {
            return Err(Failure::TooDeep);
        }
        let mut complete = level.is_none();
        loop {
            let Some(level) = nesting.innermost() else { return Ok(()) };
            if complete {
                // SAFETY: the value on top belongs into the table below it, or below its key.
                unsafe { store(L, level) }
            }
            if level.left > 0 {
                break;
            }
            if level.is_map() {
                // SAFETY: the map is on top.
                unsafe { marks::keep_map(L) }
            }
            nesting.leave();
            complete = true;
        }
    }
}

/// Pushes a value; an array or map is empty yet. `inside` says whether it stands within one.
///
/// # Safety
/// As for [`push`].
unsafe fn make(L: *mut State, token: Token<'_>, inside: bool) -> Result<(), Failure> {
    // SAFETY: as the caller upholds.
    unsafe {
        match token {
            Token::Nil if inside && options::nulls() => lua::lua_pushlightuserdata(L, NULL),
            Token::Nil => lua::lua_pushnil(L),
            Token::Boolean(boolean) => lua::lua_pushboolean(L, c_int::from(boolean)),
            Token::Integer(integer) => lua::lua_pushinteger(L, integer),
            Token::Float(float) => lua::lua_pushnumber(L, float),
            Token::String(bytes) => {
                lua::lua_pushlstring(L, bytes.as_ptr(), bytes.len());
            }
            Token::Array(_) | Token::Map(_) if lua::lua_checkstack(L, SLOTS) == 0 => {
                return Err(Failure::Memory);
            }
            Token::Array(len) => lua::lua_createtable(L, len as c_int, 0),
            Token::Map(len) => lua::lua_createtable(L, 0, len as c_int),
            Token::Handle(id) if !handles::push(L, id) => return Err(Failure::Handle),
            Token::Reference(number) if !references::push(L, number) => return Err(Failure::Memory),
            Token::Handle(_) | Token::Reference(_) => {}
        }
    }
    Ok(())
}

/// Puts the value on top into the table under way; a map's key stays until its value comes.
///
/// # Safety
/// As for [`push`].
unsafe fn store(L: *mut State, level: &mut Level) {
    level.left -= 1;
    // SAFETY: as the caller upholds; no key is nil or NaN.
    unsafe {
        if !level.is_map() {
            lua::lua_rawseti(L, -2, i64::from(level.index));
            level.index += 1;
        } else if !level.at_key() {
            lua::lua_rawset(L, -3);
        }
    }
}
