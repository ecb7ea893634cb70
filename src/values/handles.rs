//! Handles: numbers by which the host names functions, coroutines and userdata of the script.
//!
//! A table in the registry holds them: under each handle its object, under each object its handle and how often that
//! was given, under 0 how many there are. A script reaches it through `debug.getregistry`, so what is read from it is
//! checked; what a script puts there can mislead that script only.

use core::ffi::c_void;
use core::ptr;

use libc_shim::single::Single;

use crate::lua::{self, State};

/// The last handle given. It outlives the state, as no handle is ever given for two objects.
static LAST: Single<u32> = Single::new(0);

/// Where the number of handles stands in the table.
const COUNT: i64 = 0;

/// Where the table stands in the registry.
fn place() -> *const c_void {
    LAST.as_ptr().cast_const().cast()
}

/// What the table holds under an object.
#[derive(Clone, Copy)]
struct Entry {
    id: u32,
    given: u32,
}

impl Entry {
    const fn from_integer(integer: i64) -> Self {
        Self { id: integer as u32, given: (integer >> 32) as u32 }
    }

    const fn to_integer(self) -> i64 {
        (self.given as i64) << 32 | self.id as i64
    }
}

/// Pushes the table; false, and nothing pushed, when there is none.
///
/// # Safety
/// `L` is live with a free slot.
unsafe fn table(L: *mut State) -> bool {
    // SAFETY: as the caller upholds.
    unsafe {
        let found = lua::lua_rawgetp(L, lua::REGISTRYINDEX, place()) == lua::TTABLE;
        if !found {
            lua::lua_settop(L, -2);
        }
        found
    }
}

/// Makes the table when there is none. May raise (memory), and may run finalizers.
///
/// # Safety
/// `L` is live with three free slots, and the call is protected.
pub unsafe fn prepare(L: *mut State) {
    // SAFETY: as the caller upholds.
    unsafe {
        if !table(L) {
            lua::lua_createtable(L, 0, 0);
            lua::lua_pushinteger(L, 0);
            lua::lua_rawseti(L, -2, COUNT);
            lua::lua_pushvalue(L, -1);
            lua::lua_rawsetp(L, lua::REGISTRYINDEX, place());
        }
        lua::lua_settop(L, -2);
    }
}

/// The integer on top, which goes.
///
/// # Safety
/// `L` is live and has a value.
unsafe fn pop_integer(L: *mut State) -> Option<i64> {
    let mut is_integer = 0;
    // SAFETY: as the caller upholds.
    let integer = unsafe {
        let integer = lua::lua_tointegerx(L, -1, &raw mut is_integer);
        lua::lua_settop(L, -2);
        integer
    };
    (is_integer != 0).then_some(integer)
}

/// What the table, just below the top, holds under the object on top.
///
/// # Safety
/// `L` is live with a free slot.
unsafe fn entry(L: *mut State) -> Option<Entry> {
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_pushvalue(L, -1);
        lua::lua_rawget(L, -3);
        pop_integer(L).map(Entry::from_integer)
    }
}

/// Puts an entry under the object on top into the table just below it.
///
/// # Safety
/// `L` is live with two free slots; the call is protected, unless an entry is there.
unsafe fn set_entry(L: *mut State, entry: Entry) {
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_pushvalue(L, -1);
        lua::lua_pushinteger(L, entry.to_integer());
        lua::lua_rawset(L, -4);
    }
}

/// Adds to the number of handles in the table just below the top.
///
/// # Safety
/// `L` is live with a free slot; the call is protected, unless the number is there.
unsafe fn count_on(L: *mut State, more: i64) {
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_rawgeti(L, -2, COUNT);
        let count = pop_integer(L).unwrap_or(0);
        lua::lua_pushinteger(L, count.wrapping_add(more));
        lua::lua_rawseti(L, -3, COUNT);
    }
}

/// The handle of the object on top, to be released once more. May raise (memory); then none was given.
///
/// # Safety
/// `L` is live with four free slots, and a function, coroutine or userdata is on top; the call is protected, and came
/// after [`prepare`].
pub unsafe fn give(L: *mut State) -> u32 {
    // SAFETY: as the caller upholds.
    unsafe {
        table(L);
        lua::lua_pushvalue(L, -2);
        let id = match entry(L) {
            Some(known) => {
                set_entry(L, Entry { given: known.given.saturating_add(1), ..known });
                known.id
            }
            None => give_first(L),
        };
        lua::lua_settop(L, -3);
        id
    }
}

/// A new handle for the object on top, with the table just below it. Where this raises, the number was not given, and
/// what was put under it is overwritten by the next.
///
/// # Safety
/// As for [`give`].
unsafe fn give_first(L: *mut State) -> u32 {
    // SAFETY: as the caller upholds.
    unsafe {
        let Some(id) = LAST.get().checked_add(1) else {
            lua::luaL_error(L, c"too many handles".as_ptr(), ptr::null());
            return 0;
        };
        lua::lua_pushvalue(L, -1);
        lua::lua_rawseti(L, -3, i64::from(id));
        set_entry(L, Entry { id, given: 1 });
        LAST.set(id);
        count_on(L, 1);
        id
    }
}

/// Pushes the table and the object of a handle; false, and nothing pushed, when there is none.
///
/// # Safety
/// `L` is live with two free slots.
unsafe fn find(L: *mut State, id: u32) -> bool {
    // SAFETY: as the caller upholds.
    unsafe {
        if id == 0 || id > LAST.get() || !table(L) {
            return false;
        }
        let kind = lua::lua_rawgeti(L, -1, i64::from(id));
        let found = matches!(kind, lua::TFUNCTION | lua::TTHREAD | lua::TUSERDATA | lua::TLIGHTUSERDATA);
        if !found {
            lua::lua_settop(L, -3);
        }
        found
    }
}

/// Pushes the object of a handle; false, and nothing pushed, when there is none. Does not raise.
///
/// # Safety
/// `L` is live with two free slots.
pub unsafe fn push(L: *mut State, id: u32) -> bool {
    // SAFETY: as the caller upholds.
    unsafe {
        let found = find(L, id);
        if found {
            lua::lua_copy(L, -1, -2);
            lua::lua_settop(L, -2);
        }
        found
    }
}

/// Takes back a handle once; the object is let go when that was done as often as it was given. False when there is no
/// such handle. Does not raise.
///
/// # Safety
/// `L` is live with four free slots.
pub unsafe fn release(L: *mut State, id: u32) -> bool {
    // SAFETY: as the caller upholds. What is there already is changed without an allocation.
    unsafe {
        if !find(L, id) {
            return false;
        }
        match entry(L) {
            Some(entry) if entry.id == id && entry.given > 1 => {
                set_entry(L, Entry { given: entry.given - 1, ..entry });
            }
            _ => let_go(L, id),
        }
        lua::lua_settop(L, -3);
        true
    }
}

/// Takes back each of the handles once; false, and nothing changed, when one of them is not in force so often. Does not
/// raise, and takes no memory.
///
/// # Safety
/// `L` is live with four free slots.
pub unsafe fn release_all(L: *mut State, ids: impl Iterator<Item = u32> + Clone) -> bool {
    // SAFETY: as the caller upholds.
    unsafe {
        // None is let go before all are counted, since one that is listed twice must have been given twice.
        for (counted, id) in ids.clone().enumerate() {
            if !count_given(L, id, -1) {
                for id in ids.take(counted) {
                    count_given(L, id, 1);
                }
                return false;
            }
        }
        for id in ids {
            if find(L, id) {
                if !entry(L).is_some_and(|entry| entry.id == id && entry.given > 0) {
                    let_go(L, id);
                }
                lua::lua_settop(L, -3);
            }
        }
    }
    true
}

/// Adds to how often a handle was given; false when there is no such handle, or that would be less than never. Where a script
/// has spoiled the count, nothing is counted.
///
/// # Safety
/// `L` is live with four free slots.
unsafe fn count_given(L: *mut State, id: u32, more: i32) -> bool {
    // SAFETY: as the caller upholds. What is there already is changed without an allocation.
    unsafe {
        if !find(L, id) {
            return false;
        }
        let counted = match entry(L) {
            Some(entry) if entry.id == id => match entry.given.checked_add_signed(more) {
                Some(given) => {
                    set_entry(L, Entry { given, ..entry });
                    true
                }
                None => false,
            },
            _ => true,
        };
        lua::lua_settop(L, -3);
        counted
    }
}

/// Takes a handle, whose object is on top, out of the table just below it.
///
/// # Safety
/// `L` is live with two free slots.
unsafe fn let_go(L: *mut State, id: u32) {
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_pushvalue(L, -1);
        lua::lua_pushnil(L);
        lua::lua_rawset(L, -4);
        lua::lua_pushnil(L);
        lua::lua_rawseti(L, -3, i64::from(id));
        count_on(L, -1);
    }
}

/// Gives back the memory that the table does not need, if there is enough to do it.
///
/// # Safety
/// `L` is live with four free slots.
pub unsafe fn fit(L: *mut State) {
    // SAFETY: as the caller upholds. The registry has the key already.
    unsafe {
        if table(L) {
            lua::lua_pushcclosure(L, lua::moonlet_copy_table, 0);
            lua::lua_rotate(L, -2, 1);
            match lua::lua_pcallk(L, 1, 1, 0, 0, None) {
                0 => lua::lua_rawsetp(L, lua::REGISTRYINDEX, place()),
                _ => lua::lua_settop(L, -2),
            }
        }
    }
}

/// Handles that are not released yet. Does not raise.
///
/// # Safety
/// `L` is live with two free slots.
pub unsafe fn count(L: *mut State) -> u32 {
    // SAFETY: as the caller upholds.
    unsafe {
        if !table(L) {
            return 0;
        }
        lua::lua_rawgeti(L, -1, COUNT);
        let count = pop_integer(L).unwrap_or(0);
        lua::lua_settop(L, -2);
        count as u32
    }
}
