//! Marks: a field of a table's metatable, looked up raw, that says which form the table has in MessagePack, whatever its
//! keys are. `msgpack.array` and `msgpack.map` give a table without a metatable one that has nothing else (`library.rs`).

use core::ffi::{CStr, c_int, c_void};
use core::ptr;
use core::slice;

use super::Failure;
use crate::lua::{self, State};

/// The field's name.
const NAME: &CStr = c"__msgpack";

/// A mark: which of [`FORMS`] it is.
pub type Mark = usize;

#[cfg(not(feature = "mini"))]
pub const ARRAY: Mark = 0;
pub const MAP: Mark = 1;

/// What the field holds.
const FORMS: [&CStr; 2] = [c"array", c"map"];

/// Nils that a marked array may have for the keys between 1 and its largest that it does not have.
const HOLES: usize = 1_000_000;

/// Where the registry holds the metatable of a mark.
pub fn place(mark: Mark) -> *const c_void {
    static PLACES: [u8; 2] = [0; 2];
    PLACES.as_ptr().wrapping_add(mark).cast()
}

/// Pushes the field's name. May raise (memory), and may run finalizers.
///
/// # Safety
/// `L` is live with a free slot, and the call is protected.
pub unsafe fn push_name(L: *mut State) {
    // SAFETY: as the caller upholds.
    unsafe { lua::lua_pushstring(L, NAME.as_ptr()) };
}

/// The mark of the table on top, if it has one; `name` is where the stack holds the field's name. Neither allocates nor
/// runs anything of a script.
///
/// # Safety
/// `L` is live with two free slots.
pub unsafe fn find(L: *mut State, name: c_int) -> Option<Mark> {
    // SAFETY: as the caller upholds; a string stays where it is while the metatable holds it.
    unsafe {
        if lua::lua_getmetatable(L, -1) == 0 {
            return None;
        }
        lua::lua_pushvalue(L, name);
        let mark = if lua::lua_rawget(L, -2) == lua::TSTRING {
            let mut len = 0;
            let start = lua::lua_tolstring(L, -1, &raw mut len);
            let form = slice::from_raw_parts(start, len);
            FORMS.iter().position(|known| known.to_bytes() == form)
        } else {
            None
        };
        lua::lua_settop(L, -3);
        mark
    }
}

/// The length of the table on top, which is marked as an array: its largest key.
///
/// # Safety
/// `L` is live with three free slots.
pub unsafe fn array_len(L: *mut State) -> Result<usize, Failure> {
    let (mut largest, mut count) = (0, 0);
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_pushnil(L);
        while lua::lua_next(L, -2) != 0 {
            lua::lua_settop(L, -2);
            let key = lua::lua_tointegerx(L, -1, ptr::null_mut());
            if lua::lua_isinteger(L, -1) == 0 || key < 1 {
                return Err(Failure::ArrayKey);
            }
            largest = key.max(largest);
            count += 1;
        }
    }
    // No table has as many entries as a usize can count.
    if largest > (count + HOLES) as i64 { Err(Failure::Holes) } else { Ok(largest as usize) }
}

/// Pushes the metatable of a mark. May raise (memory).
///
/// # Safety
/// `L` is live with three free slots, and the call is protected.
pub unsafe fn push_metatable(L: *mut State, mark: Mark) {
    // SAFETY: as the caller upholds.
    unsafe {
        if lua::lua_rawgetp(L, lua::REGISTRYINDEX, place(mark)) == lua::TTABLE {
            return;
        }
        lua::lua_settop(L, -2);
        lua::lua_createtable(L, 0, 1);
        lua::lua_pushstring(L, FORMS.get(mark).map_or(ptr::null(), |form| form.as_ptr()));
        lua::lua_setfield(L, -2, NAME.as_ptr());
        lua::lua_pushvalue(L, -1);
        lua::lua_rawsetp(L, lua::REGISTRYINDEX, place(mark));
    }
}

/// Marks the table on top as a map when it is empty, and so would be taken for an array. May raise (memory).
///
/// # Safety
/// As for [`push_metatable`].
pub unsafe fn keep_map(L: *mut State) {
    // SAFETY: as the caller upholds; the table has no metatable yet.
    unsafe {
        lua::lua_pushnil(L);
        if lua::lua_next(L, -2) != 0 {
            lua::lua_settop(L, -3);
        } else {
            push_metatable(L, MAP);
            lua::lua_setmetatable(L, -2);
        }
    }
}
