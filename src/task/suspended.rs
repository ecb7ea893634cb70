//! The tasks that are suspended, and the threads that tasks run in.

use core::ffi::c_int;
use core::ptr;

use libc_shim::heap::{Buffer, Parts};
use libc_shim::single::Single;

use crate::bytes::list::List;
use crate::bytes::{answer, status};
use crate::lua::{self, State};

/// Finished threads that are kept for the next tasks.
const IDLE: usize = 16;

/// Where the main thread's stack holds the table that anchors the threads; no script reaches it there.
const ANCHORS: c_int = 1;

/// A Lua thread and its place in the table of anchors.
#[derive(Clone, Copy)]
pub struct Thread {
    pub state: *mut State,
    place: i64,
}

/// One `compute` or `call`, from its start to its end.
#[derive(Clone, Copy)]
pub struct Task {
    pub id: i32,
    /// The status it was suspended with.
    pub kind: i32,
    pub thread: Thread,
    /// The innermost of its threads, which the suspension began in.
    pub waiting: *mut State,
    /// Units of fuel used.
    pub used: u64,
    pub host_calls: u64,
    /// The form of its result, as FORMAT was when it started.
    pub format: i32,
    /// The result that it was suspended with, a NUL at the end; no bytes where a message of ours tells it.
    pub request: Parts,
}

/// Suspended tasks, the oldest first, and so sorted by id.
static SUSPENDED: Single<List<Task>> = Single::new(List::new());
static IDLE_THREADS: Single<List<Thread>> = Single::new(List::new());
/// Threads made so far in this state.
static PLACES: Single<i64> = Single::new(0);
static LAST_ID: Single<i32> = Single::new(0);
/// The task that was suspended last, and the status it was suspended with, until it goes on.
static LAST: Single<i32> = Single::new(0);
static LAST_KIND: Single<i32> = Single::new(0);

/// Most tasks that may be suspended; 0 is no limit.
static LIMIT: Single<u64> = Single::new(0);

pub fn limit() -> u64 {
    LIMIT.get()
}

pub fn set_limit(tasks: u64) {
    LIMIT.set(tasks);
}

/// Whether no task may start, as it could be suspended.
pub fn is_full() -> bool {
    LIMIT.get() != 0 && count() as u64 >= LIMIT.get()
}

/// The id of the task that was suspended last; 0 before the first.
pub fn last() -> i32 {
    LAST.get()
}

/// What that task waits with; 0 when it waits no longer.
pub fn last_kind() -> i32 {
    LAST_KIND.get()
}

fn suspended() -> &'static mut List<Task> {
    // SAFETY: one thread, and no caller keeps the reference across another call of this function.
    unsafe { &mut *SUSPENDED.as_ptr() }
}

fn idle() -> &'static mut List<Thread> {
    // SAFETY: as above.
    unsafe { &mut *IDLE_THREADS.as_ptr() }
}

/// The tasks that are suspended, sorted by id.
pub fn all() -> &'static [Task] {
    suspended().as_slice()
}

/// How many tasks are suspended.
pub fn count() -> usize {
    all().len()
}

/// Pushes the table that anchors the threads. May raise.
///
/// # Safety
/// `L` is live with a free stack slot.
pub unsafe fn push_anchors(L: *mut State) {
    // SAFETY: as the caller upholds.
    unsafe { lua::lua_createtable(L, 0, 0) }
}

/// A C function that makes a thread and anchors it; its light userdata points to a [`Thread`].
///
/// # Safety
/// Called by Lua on the main thread, with the table of anchors and the pointer.
unsafe extern "C" fn make_thread(L: *mut State) -> c_int {
    // SAFETY: as the caller upholds.
    unsafe {
        let thread = lua::lua_touserdata(L, 2).cast::<Thread>();
        let place = PLACES.get() + 1;
        let state = lua::lua_newthread(L);
        lua::lua_rawseti(L, 1, place);
        lua::moonlet_prepare_thread(state, 1);
        PLACES.set(place);
        thread.write(Thread { state, place });
    }
    0
}

/// A thread for a new task, and room to keep the task when it is suspended; or the answer that there is no memory for it.
///
/// # Safety
/// `L` is the main thread, with the table of anchors at the bottom of its stack.
pub unsafe fn start(L: *mut State, format: i32) -> Result<Task, i32> {
    const NO_MEMORY: &[u8] = b"not enough memory for a task\0";
    let mut thread = Thread { state: ptr::null_mut(), place: 0 };
    // So that neither suspending nor ending it can fail.
    let room = suspended().reserve() && idle().reserve();
    match idle().pop() {
        Some(kept) => thread = kept,
        // SAFETY: as the caller upholds; make_thread finds what it needs on its stack.
        None => unsafe {
            lua::lua_pushcclosure(L, make_thread, 0);
            lua::lua_pushvalue(L, ANCHORS);
            lua::lua_pushlightuserdata(L, (&raw mut thread).cast());
            if lua::lua_pcallk(L, 2, 0, 0, 0, None) != status::OK {
                return Err(answer::fail(status::ERRMEM, NO_MEMORY));
            }
        },
    }
    if !room {
        // SAFETY: the thread is fresh or finished.
        unsafe { recycle(L, thread) };
        return Err(answer::fail(status::ERRMEM, NO_MEMORY));
    }
    LAST_ID.set(LAST_ID.get().wrapping_add(1).max(1));
    Ok(Task {
        id: LAST_ID.get(),
        kind: 0,
        thread,
        waiting: thread.state,
        used: 0,
        host_calls: 0,
        format,
        request: Parts::EMPTY,
    })
}

/// Gives back the memory that the lists and the table of anchors do not need.
///
/// # Safety
/// `L` is the main thread with the table of anchors and four free slots.
pub unsafe fn fit(L: *mut State) {
    for task in suspended().as_mut_slice() {
        // SAFETY: the parts are made anew; the bytes, which may be the result, stay where they are.
        let mut request = unsafe { Buffer::from_parts(task.request) };
        request.fit();
        task.request = request.into_parts();
    }
    suspended().fit();
    idle().fit();
    // SAFETY: as the caller upholds.
    unsafe {
        lua::lua_pushcclosure(L, lua::moonlet_copy_table, 0);
        lua::lua_pushvalue(L, ANCHORS);
        if lua::lua_pcallk(L, 1, 1, 0, 0, None) == status::OK {
            lua::lua_copy(L, -1, ANCHORS);
        }
        lua::lua_settop(L, ANCHORS);
    }
}

/// Takes a finished thread back: one without calls, values or open variables.
///
/// # Safety
/// `L` is the main thread, and `thread` is one of [`start`].
pub unsafe fn recycle(L: *mut State, thread: Thread) {
    // SAFETY: as the caller upholds; nil needs no memory in a table.
    unsafe {
        lua::moonlet_prepare_thread(thread.state, 1);
        lua::moonlet_shrink_thread(thread.state);
        if idle().as_slice().len() >= IDLE || !idle().push(thread) {
            lua::lua_pushnil(L);
            lua::lua_rawseti(L, ANCHORS, thread.place);
        }
    }
}

/// Keeps a task that was suspended.
pub fn keep(task: Task) {
    LAST.set(task.id);
    LAST_KIND.set(task.kind);
    let at = suspended().as_slice().partition_point(|other| other.id < task.id);
    // There is room: the place it had, or the one that `start` reserved.
    if suspended().push(task)
        && let Some(tail) = suspended().as_mut_slice().get_mut(at..)
    {
        tail.rotate_right(1);
    }
}

fn position(id: i32) -> Option<usize> {
    suspended().as_slice().binary_search_by_key(&id, |task| task.id).ok()
}

/// The suspended task of that id.
pub fn find(id: i32) -> Option<Task> {
    suspended().as_slice().get(position(id)?).copied()
}

/// Takes the task of that id off the suspended ones.
pub fn remove(id: i32) {
    if let Some(index) = position(id) {
        suspended().remove(index);
        if id == LAST.get() {
            LAST_KIND.set(status::OK);
        }
    }
}

/// Lets go of what C functions keep that were left halfway.
#[cfg(feature = "faults")]
pub fn drop_parked() {
    for task in suspended().as_slice() {
        // SAFETY: the threads of suspended tasks are live.
        unsafe { lua::moonlet_drop_parked(task.waiting) }
    }
}

/// Forgets all tasks and threads, which are gone with their state and all its memory. Ids go on.
pub fn forget() {
    suspended().forget();
    idle().forget();
    PLACES.set(0);
    LAST.set(0);
    LAST_KIND.set(status::OK);
}

/// As [`forget`], where their memory is not gone yet.
#[cfg(feature = "faults")]
pub fn free() {
    for task in all() {
        // SAFETY: the task is forgotten below, and the last result by the caller.
        drop(unsafe { Buffer::from_parts(task.request) });
    }
    suspended().free();
    idle().free();
    forget();
}
