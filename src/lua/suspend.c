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

#include "ldebug.h"
#include "ldo.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"

#include "moonlet.h"

#if LUA_VERSION_NUM == 504
#define mainthread(g) ((g)->mainthread)
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
