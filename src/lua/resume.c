/* How a thread is resumed, by the script or by the host, with the count of C levels that it had. */
#define LUA_CORE
#define moonlet_resume_c

#include "lprefix.h"

#include "lua.h"

#include "lauxlib.h"

#include "ldebug.h"
#include "ldo.h"
#include "lgc.h"
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
