/* The budget: fuel that counts down at each VM instruction, API call and step of library work (lua_user.h says where),
   and what happens when it is used up. */
#define LUA_CORE
#define moonlet_budget_c

#include "lprefix.h"

#include "lua.h"

#include "ldebug.h"
#include "ldo.h"
#include "lobject.h"
#include "lopcodes.h"
#include "lstate.h"
#include "lvm.h"

#include "moonlet.h"

/* More than anything can use between two looks, and leaf.h keeps it in bytes. */
#define UNMETERED (1LL << 60)

/* Where the script cannot be suspended, a suspension that is due is tried again after so many units, and as soon as control is
   back in one of the Lua functions that stand there. */
#define RETRY 256

/* Whether a suspension is due that could not happen yet. */
static int overdue = 0;

/* Whether output went beyond OUTPUT meanwhile. */
static int output_over = 0;

/* Units left until moonlet_tick has a look; below zero it is called at each further step. */
long long moonlet_fuel = UNMETERED;

struct moonlet_meter moonlet_meter = {.granted = UNMETERED};

int moonlet_stopping = 0;

/* Adds what was used since the last look to the meter. */
static void settle(void) {
  unsigned long long used = (unsigned long long)(moonlet_meter.granted - moonlet_fuel);
  moonlet_meter.task += used;
  moonlet_meter.run += used;
  moonlet_meter.quantum += used;
  moonlet_meter.granted = moonlet_fuel;
}

static void grant(long long units) {
  moonlet_fuel = moonlet_meter.granted = units;
}

static unsigned long long left(unsigned long long limit, unsigned long long used) {
  return used < limit ? limit - used : 0;
}

/* Units until the nearest limit. */
static long long until_limit(void) {
  unsigned long long units = left(moonlet_meter.fuel, moonlet_meter.task);
  unsigned long long slice = left(moonlet_meter.slice, moonlet_meter.run);
  unsigned long long quantum = left(MOONLET_QUANTUM, moonlet_meter.quantum);
  if (slice < units) units = slice;
  return (long long)(quantum < units ? quantum : units);
}

void moonlet_start_meter(void) {
  overdue = 0;
  output_over = 0;
  grant(moonlet_stopping ? -1 : until_limit());
}

void moonlet_stop_meter(void) {
  settle();
  grant(moonlet_stopping ? -1 : UNMETERED);
}

static unsigned long long task_units(void) {
  return moonlet_meter.task + (unsigned long long)(moonlet_meter.granted - moonlet_fuel);
}

/* Units that the task may use until ephemerons are no longer looked at one by one: all, or half of what it had left where they
   converge. A collection that began with another task's garbage leaves something to this one. */
static unsigned long long allowed;

/* Whether that many are used up. */
int moonlet_exhausted(void) {
  return task_units() > (allowed != 0 ? allowed : moonlet_meter.fuel);
}

/* Ephemerons converge from here on, or no longer. */
void moonlet_converge(int begin) {
  unsigned long long used = task_units();
  allowed = begin && used < moonlet_meter.fuel ? used + (moonlet_meter.fuel - used) / 2 : 0;
}

/* Ends the run: from here on each instruction and API call raises, until control is back at the host. */
void moonlet_stop(int status) {
  settle();
  moonlet_stopping = status;
  grant(-1);
}

void moonlet_end_stop(void) {
  moonlet_stopping = 0;
  settle();
  grant(UNMETERED);
}

/* Raises past message handlers. Where no protected call stands above there is nothing to stop: only the host's own
   steps run there. */
static void raise_stop(lua_State *L) {
  if (L->errorJmp == NULL) return;
  moonlet_hold(L);
  if (moonlet_stopping == MOONLET_BUDGET) moonlet_note_place(L, MOONLET_BUDGET);
  setbfvalue(s2v(L->top.p)); /* EXTRA_STACK leaves room; nobody gets to look at the value */
  L->top.p++;
  luaD_throw(L, LUA_ERRRUN);
}

/* Whether the run has to end. */
static int must_stop(void) {
  settle();
  if (!moonlet_stopping && moonlet_meter.task > moonlet_meter.fuel) moonlet_stopping = MOONLET_BUDGET;
  if (moonlet_stopping) grant(-1);
  return moonlet_stopping;
}

/* Goes on counting for a while. */
static void grant_some(long long units) {
  unsigned long long fuel = left(moonlet_meter.fuel, moonlet_meter.task);
  grant(fuel < (unsigned long long)units ? (long long)fuel : units);
}

/* A suspension is due where none can happen. The functions from `ci` outwards, in all threads, come to moonlet_traceexec by
   their `trap` once they go on. Those further out than one that has it have it too; another value than 1 is what a protected
   call left there that had the same record. */
static void postpone(lua_State *L, CallInfo *ci) {
  overdue = 1;
  grant_some(RETRY);
  for (;;) {
    for (; ci != NULL; ci = ci->previous) {
      if (!isLua(ci)) continue;
      if (ci->u.l.trap == 1) return;
      ci->u.l.trap = 1;
    }
    if ((L = moonlet_outer(L)) == NULL) return;
    ci = L->ci;
  }
}

/* An error has ended the calls that kept a suspension away, perhaps. Who goes on now does not look at its `trap` first. */
void moonlet_look_again(void) {
  if (!overdue || moonlet_stopping) return;
  settle();
  grant_some(0);
}

/* Output went beyond OUTPUT, since nothing can be suspended here: the task is at the next chance. */
void moonlet_output_over(void) {
  if (!moonlet_in_task || moonlet_stopping) return;
  output_over = 1;
  settle();
  grant_some(0);
}

/* Why a suspension is due. */
static int suspension_kind(void) {
  if (output_over) return MOONLET_OUTPUT;
  return moonlet_meter.run > moonlet_meter.slice ? MOONLET_PAUSED : MOONLET_INTERNAL;
}

void moonlet_tick(lua_State *L) {
  if (must_stop())
    raise_stop(L);
  else if (moonlet_suspendable(L))
    grant_some(0); /* the next instruction suspends */
  else
    postpone(L, L->ci);
}

static int is_due(void) {
  return overdue || output_over || moonlet_meter.run > moonlet_meter.slice || moonlet_meter.quantum > MOONLET_QUANTUM;
}

/* Asked by a C function that can be left, where no fuel is granted any more (API calls that found none since are granted
   none): whether a suspension is due, and can happen. One that cannot is put off. Raises where the run has to end. */
int moonlet_must_leave(lua_State *L) {
  if (must_stop()) raise_stop(L);
  if (!is_due()) return 0;
  if (moonlet_suspendable(L)) return 1;
  postpone(L, L->ci);
  return 0;
}

/* Leaves a C function, after that answer. It goes on in `k`. */
_Noreturn void moonlet_leave(lua_State *L, lua_KContext context, lua_KFunction k) {
  moonlet_suspend(L, suspension_kind(), context, k);
}

/* Puts off a suspension for which memory does not suffice. */
void moonlet_put_off(lua_State *L) {
  postpone(L, L->ci);
}

#if LUA_VERSION_NUM == 504
#define uses_top(i) isIT(i)
#else
#define uses_top(i) luaP_isIT(i)
#endif

/* Stands for luaG_traceexec in lvm.c, which comes here at each instruction that a hook wants (`trap`) or that has no
   fuel. `pc` is the instruction, not yet run. */
int moonlet_traceexec(lua_State *L, int trap, const Instruction *pc) {
  CallInfo *ci = L->ci;
  if (moonlet_fuel < 0 || overdue) {
    ci->u.l.savedpc = pc + 1;
    if (must_stop()) {
      if (L->top.p < ci->top.p) L->top.p = ci->top.p;
      raise_stop(L);
    }
    else if (moonlet_suspendable(L)) {
      if (!uses_top(*pc)) L->top.p = ci->top.p;
      /* The instruction is still to come, so its unit is given back. */
      if (moonlet_meter.task > 0) moonlet_meter.task--;
      moonlet_pause(L, suspension_kind());
    }
    else if (moonlet_fuel < 0) {
      postpone(L, ci->previous);
    }
  }
  return trap ? luaG_traceexec(L, pc) : 0;
}
