/* Where a suspension cannot happen: Lua goes on at the end of a C function only where that said how (lua_callk), so whatever
   else calls the script stands in the way. The outermost such call of each thread is noted, for an error that names it. */
#define LUA_CORE
#define moonlet_refuse_c

#include "lprefix.h"

#include <string.h>

#include "lua.h"

#include "lauxlib.h"

#include "ldo.h"
#include "lstate.h"
#include "lzio.h"

#include "moonlet.h"

void moonlet_call_operand(lua_State *L, int arguments, int results);

#if LUA_VERSION_NUM == 504
typedef int TStatus;
#endif

/* Notes the running function when it is the one that takes away L's right to yield, to a message handler perhaps. */
void moonlet_note_obstacle(lua_State *L, int is_handler) {
  struct moonlet_thread *own = moonlet_thread(L);
  if (!yieldable(L)) return;
  own->obstacle = L->ci;
  own->is_handler = is_handler != 0;
}

/* As luaD_protectedparser: the reader of a chunk may be the script's. Its errors are caught, so they are none that the host's
   message handler is for. */
TStatus moonlet_protectedparser(lua_State *L, ZIO *z, const char *name, const char *mode) {
  ptrdiff_t handler = L->errfunc;
  TStatus status;
  moonlet_note_obstacle(L, 0);
  if (moonlet_has_handler(L)) L->errfunc = 0;
  status = luaD_protectedparser(L, z, name, mode);
  L->errfunc = handler;
  return status;
}

/* --- Functions of ours that a suspension passes, where plain Lua's could not be left: a yield of the script still cannot. */

#if defined(MOONLET_MINI) /* else in execute.c */
void moonlet_opaque_callk(lua_State *L, int arguments, int results, lua_KContext context, lua_KFunction k) {
  moonlet_thread(L)->is_opaque = 1;
  lua_callk(L, arguments, results, context, k);
}
#endif

/* Goes on in lstrlib.c, where a metamethod was suspended whose result is that of the function. */
static int operand_k(lua_State *L, int status, lua_KContext context) {
  (void)L, (void)status, (void)context;
  return 1;
}

/* Stands for lua_call in lstrlib.c, which calls the metamethod of what a string is added to. */
void moonlet_call_operand(lua_State *L, int arguments, int results) {
  moonlet_opaque_callk(L, arguments, results, 0, operand_k);
}

static int is_opaque(lua_KFunction k) {
  return k == moonlet_next_k || k == moonlet_sort_k || k == moonlet_gsub_k || k == operand_k;
}

/* Whether such a function stands in L, which could yield otherwise, below the function that runs. */
int moonlet_is_opaque(lua_State *L) {
  CallInfo *ci = L->ci;
  unsigned int steps = 0;
  if (!moonlet_thread(L)->is_opaque) return 0;
  while (ci != &L->base_ci && (ci = ci->previous) != &L->base_ci) {
    moonlet_owe((++steps & 7) == 0);
    if (!isLua(ci) && is_opaque(ci->u.c.k)) return 1;
  }
  moonlet_thread(L)->is_opaque = 0;
  return 0;
}

/* --- Names */

/* What functions of the library call that is the script's own. */
static const struct {
  const char *name, *place;
} callbacks[] = {
  {"load", "the reader of load"},
  {"tostring", "__tostring"},
  {"print", "__tostring in print"},
  {"string.format", "__tostring in string.format"},
};

/* Puts what the function calls in the place of its name on top of the stack. */
static void name_callback(lua_State *L) {
  size_t i;
  for (i = 0; i < sizeof(callbacks) / sizeof(callbacks[0]); i++)
    if (strcmp(lua_tostring(L, -1), callbacks[i].name) == 0) {
      lua_pushstring(L, callbacks[i].place);
      return;
    }
}

/* Pushes the name under which the loaded libraries have the C function in `ci`; whether there is one. */
static int push_library_name(lua_State *L, lua_State *of, CallInfo *ci) {
  lua_Debug ar;
  ar.i_ci = ci;
  lua_getinfo(of, "f", &ar);
  if (of != L) lua_xmove(of, L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushnil(L);
  while (lua_istable(L, -2) && lua_next(L, -2)) { /* function, modules, module's name, module */
    if (lua_type(L, -2) == LUA_TSTRING && lua_istable(L, -1)) {
      lua_pushnil(L);
      while (lua_next(L, -2)) { /* ..., name, value */
        if (lua_type(L, -2) == LUA_TSTRING && lua_rawequal(L, -1, -6)) {
          const char *module = lua_tostring(L, -4);
          if (strcmp(module, "_G") == 0)
            lua_pushvalue(L, -2);
          else
            lua_pushfstring(L, "%s.%s", module, lua_tostring(L, -2));
          return 1;
        }
        lua_pop(L, 1);
      }
    }
    lua_pop(L, 1);
  }
  return 0;
}

/* Pushes the name of the C function in `ci`. One that no library shows, such as a searcher of require, goes by the name of the one
   that called it, or by what the call says. */
static void push_function(lua_State *L, lua_State *of, CallInfo *ci) {
  int top = lua_gettop(L);
  CallInfo *outer = ci;
  lua_Debug ar;
  for (; outer != &of->base_ci && !isLua(outer); outer = outer->previous) {
    if (push_library_name(L, of, outer)) {
      name_callback(L);
      return;
    }
    lua_settop(L, top);
  }
  ar.i_ci = ci;
  lua_getinfo(of, "n", &ar);
  lua_pushstring(L, ar.name != NULL ? ar.name : "a function of the host's side");
}

/* Pushes the name of the function in L that closes a coroutine; those that coroutine.wrap makes have none. */
static void push_closer(lua_State *L, lua_State *of) {
  if (!push_library_name(L, of, of->ci)) lua_pushliteral(L, "coroutine.wrap");
}

/* Pushes what keeps L from being suspended. */
static void push_obstacle(lua_State *L) {
  lua_State *of = yieldable(L) && moonlet_blocking != NULL ? moonlet_blocking : L;
  struct moonlet_thread *own = moonlet_thread(of);
  CallInfo *ci = of->ci;
  while (ci != own->obstacle && ci != &of->base_ci) ci = ci->previous;
  if (ci == &of->base_ci && moonlet_outer(of) != NULL) /* handlers of a coroutine that is closed stand alone on its stack */
    push_closer(L, moonlet_outer(of));
  else if (ci == &of->base_ci)
    lua_pushliteral(L, "a task that is cancelled");
  else if (ci->callstatus & CIST_FIN)
    lua_pushliteral(L, "a finalizer");
  else if (own->is_handler)
    lua_pushliteral(L, "a message handler");
  else if (ci->callstatus & CIST_HOOKED)
    lua_pushliteral(L, "a hook");
  else if (ci->previous == &of->base_ci && own->is_task)
    lua_pushliteral(L, "__tostring of a result");
  else
    push_function(L, of, ci);
}

/* Raises the error of a suspension that cannot happen here. */
int moonlet_refuse(lua_State *L, const char *what) {
  luaL_checkstack(L, 12, NULL);
  push_obstacle(L);
  if (moonlet_handlers == NULL)
    return luaL_error(L, "attempt to %s across a C-call boundary (inside %s)", what, lua_tostring(L, -1));
  moonlet_push_handled_text(L);
  return luaL_error(L, "attempt to %s across a C-call boundary (inside %s); the message handler was called for: %s", what,
                    lua_tostring(L, -2), lua_tostring(L, -1));
}
