/* The functions that lua_user.h puts before, or in place of, functions of Lua. They stand in C because they use what
   Lua's headers keep to themselves. */
#define LUA_CORE
#define lua_guard_c

#include "lprefix.h"

#include <errno.h>
#include <stdio.h>

#include "lua.h"

#include "lauxlib.h"
#include "ldebug.h"
#include "ldo.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "lundump.h"

/* The protected call that the last throw was meant for. */
const void *moonlet_target = NULL;

/* Set while a run is being stopped, from the call that stops it until control is back at the host. */
int moonlet_interrupt = 0;

/* What the host chose (src/options.rs). */
unsigned long long moonlet_seed = 0;
int moonlet_binary_chunks = 0;
int moonlet_finalizers = 1;

/* The code that os.exit was given. */
int moonlet_exit_code = 0;

/* Raises the interrupt again, past message handlers. Where no protected call stands above there is nothing to stop:
   only the host's own steps run there. */
void moonlet_raise(lua_State *L) {
  if (L->errorJmp == NULL) return;
  setbfvalue(s2v(L->top.p)); /* EXTRA_STACK leaves room; nobody gets to look at the value */
  L->top.p++;
  luaD_throw(L, LUA_ERRRUN);
}

/* Stands for luaG_traceexec in lvm.c, which comes here at each instruction while the interrupt is set. */
int moonlet_traceexec(lua_State *L, const Instruction *pc) {
  if (moonlet_interrupt) {
    CallInfo *ci = L->ci;
    ci->u.l.savedpc = pc + 1;
    if (L->top.p < ci->top.p) L->top.p = ci->top.p;
    moonlet_raise(L);
  }
  return luaG_traceexec(L, pc);
}

/* os.exit: ends the run, whatever the script protects itself with. */
_Noreturn void moonlet_exit(lua_State *L, int code) {
  moonlet_exit_code = code;
  moonlet_interrupt = 1;
  moonlet_raise(L);
  __builtin_unreachable(); /* scripts run inside a protected call */
}

/* Refuses a precompiled chunk unless the host allowed them, in the words of checkmode in ldo.c. */
static void check_binary(lua_State *L) {
  if (moonlet_binary_chunks) return;
  luaO_pushfstring(L, "attempt to load a %s chunk (mode is '%s')", "binary", "t");
  luaD_throw(L, LUA_ERRSYNTAX);
}

#if LUA_VERSION_NUM == 504
LClosure *moonlet_undump(lua_State *L, ZIO *z, const char *name) {
  check_binary(L);
  return luaU_undump(L, z, name);
}
#else
LClosure *moonlet_undump(lua_State *L, ZIO *z, Table *anchor, const char *name, int fixed) {
  check_binary(L);
  return luaU_undump(L, z, anchor, name, fixed);
}
#endif

/* As lua_getallocf, which would raise again while a run is being stopped. */
lua_Alloc moonlet_getallocf(lua_State *L, void **ud) {
  *ud = G(L)->ud;
  return G(L)->frealloc;
}

/* A finalizer of a table is left out when the host said so. Userdata, which only the libraries make, keep theirs. */
void moonlet_checkfinalizer(lua_State *L, GCObject *o, Table *mt) {
  if (moonlet_finalizers || o->tt != LUA_VTABLE) luaC_checkfinalizer(L, o, mt);
}

/* Engines differ in the sign and payload of a NaN, so the string library sees one NaN only. */
lua_Number moonlet_checknumber(lua_State *L, int arg) {
  lua_Number n = luaL_checknumber(L, arg);
  return n == n ? n : (lua_Number)__builtin_nan("");
}

int moonlet_take_overflow(void);

static int output_full(lua_State *L) {
  return luaL_error(L, "output buffer is full");
}

/* print: output that does not fit is an error, never lost in silence. */
void moonlet_print(lua_State *L, const char *string, size_t length) {
  if (fwrite(string, 1, length, stdout) != length) {
    moonlet_take_overflow();
    output_full(L);
  }
}

/* io.write to standard output or error: the same. */
int moonlet_fileresult(lua_State *L, int success, const char *name) {
  int number = errno; /* the next call may change it */
  /* A mark that an earlier write left, one whose result nobody looked at, says nothing about another error. */
  int overflow = moonlet_take_overflow();
  if (!success && overflow && number == ENOSPC) return output_full(L);
  errno = number;
  return luaL_fileresult(L, success, name);
}

/* What one comparison by the script counts for, on top of the call itself. */
#define SORT_WEIGHT 3

static void enter_sort(lua_State *L) {
  if (getCcalls(L) + SORT_WEIGHT + 1 >= LUAI_MAXCCALLS) luaL_error(L, "C stack overflow");
  L->nCcalls += SORT_WEIGHT; /* an error puts the count back itself */
}

/* table.sort's call of its comparator. */
void moonlet_sort_call(lua_State *L, int arguments, int results) {
  enter_sort(L);
  lua_call(L, arguments, results);
  L->nCcalls -= SORT_WEIGHT;
}

/* table.sort's comparison without one, which may call a metamethod. */
int moonlet_sort_compare(lua_State *L, int a, int b, int operation) {
  int answer;
  enter_sort(L);
  answer = lua_compare(L, a, b, operation);
  L->nCcalls -= SORT_WEIGHT;
  return answer;
}
