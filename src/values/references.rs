//! References: numbers of the host's, each for an object of its own, as userdata of the script.
//!
//! A table in the registry whose values are weak holds the userdata of each number, so that one number is one object. When
//! the last userdata of a number is collected the number waits in a queue until the host asks for it. There can be two for a
//! while: one is dead but its finalizer has not run, as the number arrives again; so they are counted (see [`Numbers`]).
//!
//! Room in the queue is taken when a userdata is made: its finalizer allocates nothing, and uses only what Lua does not
//! refuse while a run is being stopped. A script may get hold of a userdata whose finalizer has run, by another finalizer
//! or the whole library `debug`; it is no reference any more, but a userdata like any other.

use core::ffi::{CStr, c_int, c_void};
use core::mem::size_of;

use libc_shim::single::Single;

use crate::bytes::list::List;
use crate::lua::{self, CFunction, State};

mod numbers;

use numbers::{Numbers, Standing};

/// What each userdata is.
struct Block {
    /// [`MAGIC`], which tells it from a userdata that was given its metatable.
    magic: u32,
    number: u32,
    /// The data that it came with (see [`begin`]).
    arrival: u32,
    /// Its finalizer is to come, and it counts.
    is_live: bool,
    /// When it came, its number waited to be told.
    waited: bool,
}

const MAGIC: u32 = u32::from_le_bytes(*b"ref\xff");

/// The numbers that are in Lua, or wait in the queue.
static NUMBERS: Single<Numbers> = Single::new(Numbers::new());
/// The numbers that Lua dropped, until the host asks for them.
static QUEUE: Single<List<u32>> = Single::new(List::new());
/// Userdata whose finalizers are to come.
static LIVE: Single<u32> = Single::new(0);
/// What a script does with a reference, by the names of metamethods.
static METAMETHODS: Single<&'static [(&'static CStr, CFunction)]> = Single::new(&[]);
/// The most there were since the table of all was made.
static MOST: Single<u32> = Single::new(0);
/// The host's data that are being decoded, or were last, and how many references are in them.
static ARRIVAL: Single<u32> = Single::new(0);
static EXPECTED: Single<usize> = Single::new(0);

fn numbers() -> &'static mut Numbers {
    // SAFETY: one thread, and no caller keeps the reference across another call of this function.
    unsafe { &mut *NUMBERS.as_ptr() }
}

fn queue() -> &'static mut List<u32> {
    // SAFETY: as above.
    unsafe { &mut *QUEUE.as_ptr() }
}

/// Where the registry holds the userdata by their numbers.
fn place_of_all() -> *const c_void {
    NUMBERS.as_ptr().cast_const().cast()
}

/// Where it holds their metatable.
fn place_of_metatable() -> *const c_void {
    QUEUE.as_ptr().cast_const().cast()
}

/// The block of the userdata at `index`; `None` when it is none of ours. Uses nothing that charges or raises.
///
/// # Safety
/// `L` is live; the block is used while the userdata is on the stack.
unsafe fn block(L: *mut State, index: c_int) -> Option<&'static mut Block> {
    // SAFETY: as the caller upholds; no other userdata has that size and that beginning.
    unsafe {
        if lua::lua_type(L, index) != lua::TUSERDATA || lua::lua_rawlen(L, index) != size_of::<Block>() as u64
        {
            return None;
        }
        let block = lua::lua_touserdata(L, index).cast::<Block>();
        ((*block).magic == MAGIC).then(|| &mut *block)
    }
}

/// The number of the reference at `index`; `None` when it is none, or none any more.
///
/// # Safety
/// `L` is live.
pub unsafe fn number(L: *mut State, index: c_int) -> Option<u32> {
    // SAFETY: as the caller upholds.
    unsafe { block(L, index) }.filter(|block| block.is_live).map(|block| block.number)
}

/// Data of the host begin. What arrives with them can be undone by [`settle`], and what came before cannot any more.
pub fn begin() {
    ARRIVAL.set(ARRIVAL.get().wrapping_add(1));
    EXPECTED.set(0);
}

/// One more reference is in the data.
pub fn expect() {
    EXPECTED.set(EXPECTED.get() + 1);
}

/// How many there are.
pub fn expected() -> usize {
    EXPECTED.get()
}

/// The references of the data are on their way: those that do not get there, as the fuel ends, are dropped. False, and nothing
/// announced, when memory is out.
pub fn announce(all: impl Iterator<Item = u32>) -> bool {
    if !reserve(EXPECTED.get()) {
        return false;
    }
    for number in all {
        if matches!(numbers().get(number), Standing::Unknown) {
            enqueue(number, true);
        }
    }
    true
}

/// Makes room for so many more userdata and numbers; false when memory is out.
fn reserve(more: usize) -> bool {
    numbers().reserve(more) && queue().reserve_many(LIVE.get() as usize + more)
}

/// Puts a number into the queue, which has room.
fn enqueue(number: u32, announced: bool) {
    let index = queue().as_slice().len();
    let waits = Standing::Waits { index, announced };
    numbers().set(number, if queue().push(number) { waits } else { Standing::Unknown });
}

/// A userdata counts from here on; there is room for it.
fn enter(block: &mut Block) {
    block.is_live = true;
    LIVE.set(LIVE.get() + 1);
    MOST.set(MOST.get().max(LIVE.get()));
    let count = match numbers().get(block.number) {
        Standing::Unknown => 1,
        Standing::Live(count) => count + 1,
        Standing::Waits { index, announced } => {
            block.waited = !announced;
            unqueue(index);
            1
        }
    };
    numbers().set(block.number, Standing::Live(count));
}

/// Takes what waits at `index` out of the queue; the last takes its place.
fn unqueue(index: usize) {
    let Some(last) = queue().pop() else { return };
    if let Some(place) = queue().as_mut_slice().get_mut(index) {
        *place = last;
        if let Standing::Waits { announced, .. } = numbers().get(last) {
            numbers().set(last, Standing::Waits { index, announced });
        }
    }
}

/// A userdata counts no longer; `tells` says whether the host is to hear of its number when it was the last one.
fn leave(block: &mut Block, tells: bool) {
    block.is_live = false;
    LIVE.set(LIVE.get() - 1);
    match numbers().get(block.number) {
        Standing::Live(count) if count > 1 => numbers().set(block.number, Standing::Live(count - 1)),
        // The room was taken when the userdata was made.
        Standing::Live(_) if tells => enqueue(block.number, false),
        Standing::Live(_) => numbers().set(block.number, Standing::Unknown),
        _ => {}
    }
}

/// The numbers that Lua dropped and the host does not know of yet; [`told`] forgets them.
pub fn dropped() -> &'static [u32] {
    queue().as_slice()
}

/// The host knows of all numbers that waited.
pub fn told() {
    for number in queue().as_slice() {
        numbers().set(*number, Standing::Unknown);
    }
    queue().clear();
    if LIVE.get() == 0 {
        free();
    } else if numbers().is_sparse() {
        shrink();
    }
}

/// Gives back memory that was for more numbers than there are, in the empty queue too, where some is left for a smaller one.
fn shrink() {
    let mut smaller = List::new();
    if smaller.reserve_many(LIVE.get() as usize) {
        core::mem::swap(queue(), &mut smaller);
    }
    numbers().shrink();
}

/// Forgets all numbers, whose userdata are gone with their state and all its memory.
pub fn forget() {
    numbers().forget();
    queue().forget();
    LIVE.set(0);
    MOST.set(0);
}

/// As [`forget`], where their memory is not gone yet.
pub fn free() {
    numbers().free();
    queue().free();
    LIVE.set(0);
}

/// What a script does with a reference calls these metamethods.
pub fn set_metamethods(functions: &'static [(&'static CStr, CFunction)]) {
    METAMETHODS.set(functions);
}

/// Pushes the metatable, which is made when there is none, as most scripts never see a reference. May raise (memory).
///
/// # Safety
/// `L` is live with four free slots, and the call is protected.
unsafe fn push_metatable(L: *mut State) {
    let own: [(&CStr, CFunction); 2] = [(c"__gc", collect), (c"__tostring", show)];
    // SAFETY: as the caller upholds.
    unsafe {
        if lua::lua_rawgetp(L, lua::REGISTRYINDEX, place_of_metatable()) == lua::TTABLE {
            return;
        }
        lua::lua_settop(L, -2);
        lua::lua_createtable(L, 0, 7);
        for (name, function) in own.iter().chain(METAMETHODS.get()) {
            lua::lua_pushcclosure(L, *function, 0);
            lua::lua_setfield(L, -2, name.as_ptr());
        }
        for name in [c"__name", c"__metatable"] {
            lua::lua_pushstring(L, c"reference".as_ptr());
            lua::lua_setfield(L, -2, name.as_ptr());
        }
        lua::lua_pushvalue(L, -1);
        lua::lua_rawsetp(L, lua::REGISTRYINDEX, place_of_metatable());
    }
}

/// Pushes the table of all userdata, which is made when there is none. May raise (memory).
///
/// # Safety
/// `L` is live with four free slots, and the call is protected.
unsafe fn push_all(L: *mut State) {
    // SAFETY: as the caller upholds.
    unsafe {
        if lua::lua_rawgetp(L, lua::REGISTRYINDEX, place_of_all()) == lua::TTABLE {
            return;
        }
        lua::lua_settop(L, -2);
        lua::lua_createtable(L, 0, 0);
        lua::lua_createtable(L, 0, 1);
        lua::lua_pushstring(L, c"v".as_ptr());
        lua::lua_setfield(L, -2, c"__mode".as_ptr());
        lua::lua_setmetatable(L, -2);
        lua::lua_pushvalue(L, -1);
        lua::lua_rawsetp(L, lua::REGISTRYINDEX, place_of_all());
    }
}

/// Puts a table in the place of that of all userdata that is no larger than it must be, if there is enough to do it and it
/// would be much smaller. Whether the old one is left to the collector.
///
/// # Safety
/// `L` is live with four free slots, and has just collected all garbage.
pub unsafe fn fit(L: *mut State) -> bool {
    if MOST.get() / 4 <= LIVE.get() {
        return false;
    }
    // SAFETY: as the caller upholds. The registry has the key already.
    unsafe {
        lua::lua_pushcclosure(L, lua::moonlet_copy_table, 0);
        let found = lua::lua_rawgetp(L, lua::REGISTRYINDEX, place_of_all()) == lua::TTABLE;
        if !found || lua::lua_pcallk(L, 1, 1, 0, 0, None) != 0 {
            lua::lua_settop(L, if found { -2 } else { -3 });
            return false;
        }
        lua::lua_rawgetp(L, lua::REGISTRYINDEX, place_of_all());
        if lua::lua_getmetatable(L, -1) != 0 {
            lua::lua_setmetatable(L, -3);
        }
        lua::lua_settop(L, -2);
        lua::lua_rawsetp(L, lua::REGISTRYINDEX, place_of_all());
    }
    MOST.set(LIVE.get());
    true
}

/// Pushes the reference of a number; false, and nothing pushed, when memory is out. May raise (memory, the end of a budget).
///
/// # Safety
/// `L` is live with five free slots, and the call is protected.
pub unsafe fn push(L: *mut State, number: u32) -> bool {
    // SAFETY: as the caller upholds.
    unsafe {
        push_all(L);
        lua::lua_rawgeti(L, -1, i64::from(number));
        if self::number(L, -1) != Some(number) {
            lua::lua_settop(L, -2);
            if !reserve(1) {
                lua::lua_settop(L, -2);
                return false;
            }
            make(L, number);
        }
        lua::lua_copy(L, -1, -2);
        lua::lua_settop(L, -2);
    }
    true
}

/// Pushes a new userdata and puts it into the table that was on top. It counts once it has its finalizer, after which
/// nothing can fail.
///
/// # Safety
/// As for [`push`], after [`reserve`].
unsafe fn make(L: *mut State, number: u32) {
    let fresh = Block { magic: MAGIC, number, arrival: ARRIVAL.get(), is_live: false, waited: false };
    // SAFETY: as the caller upholds; the block is as large as asked for.
    unsafe {
        let block = lua::lua_newuserdatauv(L, size_of::<Block>(), 0).cast::<Block>();
        block.write(fresh);
        lua::lua_pushvalue(L, -1);
        lua::lua_rawseti(L, -3, i64::from(number));
        push_metatable(L);
        lua::lua_setmetatable(L, -2);
        enter(&mut *block);
    }
}

/// The call ends that a reference was to arrive with. Where it is refused, that is undone, as if the reference had never been in
/// Lua. Does not raise.
///
/// # Safety
/// `L` is live with three free slots, and where the call is refused no value of the data is on a stack.
pub unsafe fn settle(L: *mut State, number: u32, is_refused: bool) {
    match numbers().get(number) {
        Standing::Waits { index, announced: true } if is_refused => {
            unqueue(index);
            numbers().set(number, Standing::Unknown);
        }
        Standing::Waits { index, announced: true } => {
            numbers().set(number, Standing::Waits { index, announced: false });
        }
        // SAFETY: as the caller upholds.
        Standing::Live(_) if is_refused => unsafe { take_back(L, number) },
        _ => {}
    }
}

/// Undoes the arrival of a reference with the data that were decoded last.
///
/// # Safety
/// As for [`settle`].
unsafe fn take_back(L: *mut State, number: u32) {
    // SAFETY: as the caller upholds.
    unsafe {
        if lua::lua_rawgetp(L, lua::REGISTRYINDEX, place_of_all()) == lua::TTABLE {
            lua::lua_rawgeti(L, -1, i64::from(number));
            if let Some(block) = block(L, -1).filter(|block| block.is_live && block.arrival == ARRIVAL.get())
            {
                let waited = block.waited;
                leave(block, waited);
            }
            lua::lua_settop(L, -2);
        }
        lua::lua_settop(L, -2);
    }
}

/// `__gc`. Raises nothing, so that it does its work also while a run is being stopped.
///
/// # Safety
/// Called by Lua.
unsafe extern "C" fn collect(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    if let Some(block) = unsafe { block(L, 1) }.filter(|block| block.is_live) {
        leave(block, true);
    }
    0
}

/// `__tostring`.
///
/// # Safety
/// Called by Lua.
unsafe extern "C" fn show(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let Some(block) = block(L, 1) else {
            return lua::luaL_argerror(L, 1, c"reference expected".as_ptr());
        };
        let number = [i64::from(block.number)];
        lua::lua_pushfstring(L, c"reference: %I".as_ptr(), number.as_ptr().cast());
    }
    1
}
