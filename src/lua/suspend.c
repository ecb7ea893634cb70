/* Suspension: a whole computation, with every coroutine that the script has running, leaves for the host and is taken up
   again later.

   The innermost thread yields, and marks itself. Each coroutine.resume that stands around it sees the mark and yields in
   turn, until the task's own thread has. To go on, the task's thread is resumed: the continuation of its coroutine.resume
   resumes the next thread, and so on inwards, to the innermost one, which gets the host's values. */
#define LUA_CORE
#define moonlet_suspend_c

#include "lprefix.h"

#include <string.h>

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

#include "ldebug.h"
#include "ldo.h"
#include "lfunc.h"
#include "lgc.h"
#include "lmem.h"
#include "lobject.h"
#include "lopcodes.h"
#include "lstate.h"
#include "ltable.h"
#include "lvm.h"

#include "moonlet.h"

#if LUA_VERSION_NUM == 504
#define mainthread(g) ((g)->mainthread)
typedef int TStatus;
#endif

/* --- State of the running task */

int moonlet_in_task = 0;

/* Levels on the C stack that cannot be suspended, and so nothing within them can; the outermost one's thread. */
int moonlet_blocks = 0;
lua_State *moonlet_blocking = NULL;

/* The last suspension: its kind and the thread that it began in. */
int moonlet_kind = 0;
lua_State *moonlet_waiting = NULL;

/* Whether the one value that the waiting thread is resumed with is an error to raise. */
int moonlet_raises = 0;

/* The values that the waiting thread is resumed with, on its stack. */
int moonlet_values = 0;

int moonlet_suspendable(lua_State *L) {
  return moonlet_in_task && moonlet_blocks == 0 && lua_isyieldable(L);
}

/* Whether this is the main thread, in which the host's own steps run. Finalizers that run meanwhile get to see it. */
int moonlet_is_host(lua_State *L) {
  return L == mainthread(G(L));
}

/* Makes a thread ready. The main thread is nobody's to resume or close. */
void moonlet_prepare_thread(lua_State *L, int is_task) {
  struct moonlet_thread *own = moonlet_thread(L);
  own->is_task = (signed char)is_task;
  own->is_suspended = (signed char)moonlet_is_host(L);
  own->is_unwound = 0;
  own->is_handler = 0;
  own->is_opaque = 0;
  own->is_parked = 0;
  own->leaving = 0;
  own->outer = NULL;
  own->obstacle = NULL;
  own->base_calls = 0;
}

/* Makes room for so many calls and slots, so that a script can start in full memory. Not by lua_checkstack, which promises the
   slots to the host's own level for good. May raise. */
void moonlet_reserve_calls(lua_State *L, int calls, int slots) {
  CallInfo *ci = L->ci;
  int used = (int)(L->top.p - L->stack.p);
  if (used + slots < MOONLET_SLOTS && stacksize(L) < MOONLET_SLOTS) /* it may stay so */
    luaD_reallocstack(L, MOONLET_SLOTS, 1);
  else
    luaD_checkstack(L, slots);
  for (; calls > 0 && ci->next != NULL; calls--) ci = ci->next;
  for (; calls > 0; calls--) luaE_extendCI(L, 1); /* behind the running call, which stays that */
}

/* Slots of a thread's stack that are in use. */
int moonlet_stack_used(lua_State *L) {
  return (int)(L->top.p - L->stack.p);
}

/* Who resumed a thread, or closes it; NULL where that is the host. */
lua_State *moonlet_outer(lua_State *L) {
  return moonlet_thread(L)->is_task ? NULL : moonlet_thread(L)->outer;
}

static void note(lua_State *L, int kind) {
  moonlet_stop_meter();
  moonlet_meter.quantum = 0;
  moonlet_kind = kind;
  moonlet_waiting = L;
  moonlet_values = 0;
  moonlet_thread(L)->is_suspended = 1;
}

/* Suspends at a VM instruction that is still to run; moonlet_suspendable(L) holds. lua_resume expects what
   luaG_traceexec leaves when a hook yields. */
_Noreturn void moonlet_pause(lua_State *L, int kind) {
  CallInfo *ci = L->ci;
  note(L, kind);
  L->status = LUA_YIELD;
  ci->u2.nyield = 0;
  ci->callstatus |= CIST_HOOKYIELD;
  luaD_throw(L, LUA_YIELD);
}

/* Whether a thread goes on at an instruction where it was paused. */
int moonlet_continues = 0;

/* Takes back the mark of a pause, which ran no hook; one that a hook left which yielded itself, as Lua's internal tests have,
   stays. */
static void unmark(lua_State *L) {
  moonlet_continues = 0;
  L->ci->callstatus &= ~CIST_HOOKYIELD;
}

/* Called in ldo.c before the interpreter goes on after a pause. */
void moonlet_continue(lua_State *L) {
  if (L->hookmask == 0) unmark(L);
}

/* Stands for luaG_tracecall in lvm.c. The mark keeps it from calling a function's hook twice. */
int moonlet_tracecall(lua_State *L) {
  int trap = luaG_tracecall(L);
  if (moonlet_continues) unmark(L);
  return trap;
}

/* Suspends in a C function, which goes on in `k`; moonlet_suspendable(L) holds. */
_Noreturn void moonlet_suspend(lua_State *L, int kind, lua_KContext context, lua_KFunction k) {
  note(L, kind);
  lua_yieldk(L, 0, context, k);
  __builtin_unreachable(); /* lua_yieldk returns only to hooks */
}

/* --- C levels. Lua counts them to protect the C stack (LUAI_MAXCCALLS). A thread that goes on after a suspension stands on
   a flat C stack; it is given the count that it had, so that a script fails at the same depth, suspended or not. */

/* The levels that a call adds: one where a C function enters the interpreter or is called by anything but a call. */
static int levels_of(const CallInfo *ci) {
  const CallInfo *caller = ci->previous;
  OpCode instruction;
  if (isLua(ci)) return (ci->callstatus & CIST_FRESH) != 0;
  if (!isLua(caller)) return 1;
  instruction = GET_OPCODE(caller->u.l.savedpc[-1]);
  return instruction != OP_CALL && instruction != OP_TAILCALL;
}

/* The levels in L's stack of calls, above its base. */
static int count_levels(lua_State *L) {
  int levels = 0;
  unsigned int steps = 0;
  CallInfo *ci;
  for (ci = L->ci; ci != &L->base_ci && ci->previous != &L->base_ci; ci = ci->previous) {
    levels += levels_of(ci);
    steps++;
  }
  moonlet_owe(steps >> 3);
  return levels;
}

/* The levels that are gone when lua_resume has finished the call in `ci`; a Lua function's is that of the call by which the
   interpreter was entered. */
static int levels_left(const CallInfo *ci) {
  return isLua(ci) ? 1 : levels_of(ci);
}

/* Called in ldo.c before an error is thrown. */
void moonlet_unwind(lua_State *L, int status) {
  moonlet_is_held(L);
  if (status == LUA_ERRMEM) moonlet_note_place(L, status);
  moonlet_thread(L)->is_unwound = 1;
}

/* Called in ldo.c before a suspended or failed call is finished, from the innermost one on. */
void moonlet_recount(lua_State *L) {
  struct moonlet_thread *own = moonlet_thread(L);
  CallInfo *ci = L->ci;
  if (own->is_unwound && !isLua(ci) && getcistrecst(ci) != LUA_OK)
    L->nCcalls = (l_uint32)(own->base_calls + count_levels(L));
  else
    L->nCcalls -= (l_uint32)own->leaving;
  own->is_unwound = 0;
  own->leaving = (signed char)levels_left(ci);
}

/* Units that an instruction takes only where it was interrupted: it is run once more, or it leaves to an instruction of
   its own what it does along with itself otherwise. `next` is the one after it, `goes_on` the one that is to come. */
static int extra_units(const Instruction *next, const Instruction *goes_on) {
  switch (GET_OPCODE(next[-1])) {
    case OP_LT: case OP_LE: case OP_LTI: case OP_LEI: case OP_GTI: case OP_GEI: case OP_EQ:
      return goes_on == next; /* the jump after a comparison, which is not skipped */
    case OP_CLOSE: case OP_RETURN:
    case OP_TAILCALL: /* of a C function, which the return after it follows */
    case OP_TFORCALL: /* which goes on to OP_TFORLOOP itself */
      return 1;
    case OP_CONCAT:
      return -1; /* luai_threadyield, in the step of the collector that is left out */
    default:
      return 0;
  }
}

/* Stands for luaV_finishOp in ldo.c, which enters luaV_execute afterwards. */
void moonlet_finish_operation(lua_State *L) {
  CallInfo *ci = L->ci;
  const Instruction *next = ci->u.l.savedpc;
  moonlet_recount(L);
  luaV_finishOp(L);
  moonlet_look_again();
  moonlet_owe(-extra_units(next, ci->u.l.savedpc));
}

/* The registry, too, takes a task's thread for the main thread. Mostly it does already. */
static void note_main_thread(lua_State *L, lua_State *thread) {
#if LUA_VERSION_NUM == 504
  const TValue *noted = luaH_getint(hvalue(&G(L)->l_registry), LUA_RIDX_MAINTHREAD);
#else
  TValue value;
  const TValue *noted = &value;
  if (tagisempty(luaH_getint(hvalue(&G(L)->l_registry), LUA_RIDX_MAINTHREAD, &value))) setnilvalue(&value);
#endif
  if (ttisthread(noted) && thvalue(noted) == thread) return;
  setthvalue2s(L, L->top.p, thread);
  L->top.p++;
  lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
}

struct resumption {
  lua_State *thread;
  int values, *results, status;
};

static void resume(lua_State *from, void *ud) {
  struct resumption *call = ud;
  lua_unlock(from);
  call->status = lua_resume(call->thread, from, call->values, call->results);
  lua_lock(from);
}

/* The thread of the running task. */
static lua_State *running_task = NULL;

/* Whether an error in L, in ldo.c, is meant for another thread: one in a thread that does not run, such as full memory when
   debug.getinfo asks about another one, goes to the main thread. For a script that is its task's thread. */
int moonlet_redirects(lua_State *L) {
  return running_task != NULL && L == mainthread(G(running_task));
}

_Noreturn void moonlet_redirect(lua_State *L, int status) {
  lua_State *task = running_task;
  moonlet_blocks = 0; /* coroutines that ran within the task are given up, as in Lua */
  setobj2s(L, task->top.p, s2v(L->top.p - 1));
  task->top.p++;
  L->top.p--;
  luaD_throw(task, (TStatus)status);
}

/* Resumes a task's thread. Lua looks for the main thread's handler before it throws there, so there is one. */
static int resume_task(lua_State *from, struct resumption *call) {
  int status;
  running_task = call->thread;
  lua_lock(from);
  status = luaD_rawrunprotected(from, resume, call);
  lua_unlock(from);
  running_task = NULL;
  return status == LUA_OK ? call->status : status;
}

/* Resumes a thread, with `values` on its stack, on behalf of `from`; Lua's status. */
int moonlet_resume(lua_State *from, lua_State *thread, int values, int *results) {
  struct moonlet_thread *own = moonlet_thread(thread);
  struct resumption call = {thread, values, results, LUA_OK};
  int is_task = moonlet_is_host(from);
  int blocks = !is_task && !yieldable(from);
  int levels;
  if (thread->status == LUA_OK && thread->ci != &thread->base_ci) /* it runs: an error that must not disturb it */
    return lua_resume(thread, from, values, results);
  if (is_task) moonlet_blocks = 0; /* an error in a thread further out than the one that ran skips those in between */
  if (blocks && moonlet_blocks++ == 0) moonlet_blocking = from;
  if (is_task) note_main_thread(from, thread);
  own->is_suspended = 0;
  own->outer = from;
  own->base_calls = (int)getCcalls(from) + 1;
  levels = count_levels(thread);
  own->is_unwound = 0;
  if (thread->ci != &thread->base_ci) own->leaving = (signed char)levels_left(thread->ci);
  if (thread == moonlet_waiting) {
    moonlet_waiting = NULL;
    moonlet_start_meter();
    if (lua_status(thread) == LUA_YIELD && isLua(thread->ci)) moonlet_continues = 1;
  }
  from->nCcalls += (l_uint32)levels;
  if (is_task)
    call.status = resume_task(from, &call);
  else
    call.status = lua_resume(thread, from, values, results);
  moonlet_continues = 0;
  from->nCcalls -= (l_uint32)levels;
  if (blocks) moonlet_blocks--;
  if (!own->is_suspended) own->outer = NULL;
  return call.status;
}

/* --- What a C function that was left keeps outside of Lua's stack. Lua does not count it as its memory, so that collections
   come when they come without suspensions. One of them has a place of its own, which leaves the heap as it is: the addresses
   that the script's objects get, by which it may order its tables, are then those without suspensions, too. */

struct parked {
  size_t size;
};

static struct { struct parked parked; char bytes[2048]; } place;

/* Whether that place is taken. */
int moonlet_place_taken = 0;

void *moonlet_reallocate(void *block, size_t old_size, size_t new_size);
void moonlet_release(void *block, size_t size);

/* Keeps both until the function that runs in L goes on; 0 when memory does not suffice. */
int moonlet_park(lua_State *L, const void *state, size_t size, const void *more, size_t more_size) {
  struct moonlet_thread *own = moonlet_thread(L);
  struct parked *parked;
  if (!moonlet_place_taken && size + more_size <= sizeof(place.bytes)) {
    parked = &place.parked;
    moonlet_place_taken = 1;
  }
  else {
    parked = moonlet_reallocate(NULL, 0, sizeof(*parked) + size + more_size);
    if (parked == NULL) return 0;
  }
  parked->size = size + more_size;
  memcpy(parked + 1, state, size);
  memcpy((char *)(parked + 1) + size, more, more_size);
  own->obstacle = parked;
  own->is_parked = 1;
  return 1;
}

/* Lets go of what is kept for a thread. */
void moonlet_drop_parked(lua_State *L) {
  struct moonlet_thread *own = moonlet_thread(L);
  struct parked *parked = own->obstacle;
  if (!own->is_parked) return;
  own->is_parked = 0;
  own->obstacle = NULL;
  if (parked == &place.parked)
    moonlet_place_taken = 0;
  else
    moonlet_release(parked, sizeof(*parked) + parked->size);
}

/* Takes back what was kept: `size` bytes of the first, and the rest. */
void moonlet_unpark(lua_State *L, void *state, size_t size, void *more) {
  const struct parked *parked = moonlet_thread(L)->obstacle;
  memcpy(state, parked + 1, size);
  memcpy(more, (const char *)(parked + 1) + size, parked->size - size);
  moonlet_drop_parked(L);
}

/* A buffer, with the place that it holds on top of the stack, stands somewhere else now. */
void moonlet_move_buffer(lua_State *L, luaL_Buffer *buffer) {
  if (buffer->size != LUAL_BUFFERSIZE) return; /* its bytes are in a box */
  buffer->b = buffer->init.b;
  setpvalue(s2v(L->top.p - 1), buffer);
}

/* Closes a thread that the host has suspended; Lua's status, with an error's value on the thread's stack. */
int moonlet_close_suspended(lua_State *thread, lua_State *from) {
  moonlet_drop_parked(thread);
  moonlet_thread(thread)->is_suspended = 0;
  moonlet_thread(thread)->outer = NULL;
  return lua_closethread(thread, from);
}
