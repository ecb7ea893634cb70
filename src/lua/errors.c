/* Errors on their way out: message handlers of the script that must not be called again, texts of error objects, warnings. */
#define LUA_CORE
#define moonlet_errors_c

#include "lprefix.h"

#include "lua.h"

#include "lauxlib.h"

#include "ldo.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"

#include "moonlet.h"

/* The message handlers that run, the innermost first; MOONLET_TRY takes those off the list that an error tore down. */
struct moonlet_handler *moonlet_handlers = NULL;

static int handles_same(const struct moonlet_handler *a, const struct moonlet_handler *b) {
  return a->thread == b->thread && a->region == b->region;
}

/* Stands for luaD_callnoyield in luaG_errormsg: `func` is the handler, and the error above it. Below both it is kept as it was.
   A handler that was refused a suspension is not called for the error which that is: it would only be refused again, until the
   C stack ends. */
void moonlet_call_handler(lua_State *L, StkId func, int results) {
  struct moonlet_handler *outer = moonlet_handlers;
  struct moonlet_handler running = {outer, L, L->errfunc, savestack(L, func + 1), 0};
  if (outer != NULL && outer->was_refused && handles_same(outer, &running)) {
    setobjs2s(L, func, func + 1);
    L->top.p = func + 1;
    return;
  }
  setobjs2s(L, func + 2, func + 1);
  setobjs2s(L, func + 1, func);
  setobjs2s(L, func, func + 2);
  L->top.p = func + 3; /* EXTRA_STACK leaves room */
  moonlet_handlers = &running;
  moonlet_note_obstacle(L, 1);
  luaD_callnoyield(L, func + 1, results);
  moonlet_handlers = outer;
  func = restorestack(L, running.function) - 1;
  setobjs2s(L, func, L->top.p - 1);
  L->top.p = func + 1;
}

static int call_tostring(lua_State *L) {
  return luaL_callmeta(L, 1, "__tostring");
}

/* Pushes the value at `index`, an error, as text. Its __tostring is the script's own work, for which the reserve of memory is
   shut; what it cannot do is told. May raise (memory). */
void moonlet_describe(lua_State *L, int index) {
  int failed, open;
  index = lua_absindex(L, index);
  if (lua_isstring(L, index)) {
    lua_pushvalue(L, index);
    lua_tostring(L, -1);
    return;
  }
  lua_pushcfunction(L, call_tostring);
  lua_pushvalue(L, index);
  open = moonlet_open_reserve(0);
  failed = lua_pcall(L, 1, 1, 0);
  moonlet_open_reserve(open);
  if (lua_type(L, -1) != LUA_TSTRING)
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, index));
  else if (failed)
    lua_pushfstring(L, "(error object is a %s value whose __tostring failed: %s)", luaL_typename(L, index),
                    lua_tostring(L, -1));
  else
    return;
  lua_remove(L, -2);
}

/* Pushes the error that the innermost message handler was called for first, before errors of its own, as text, and lets no more
   errors of those that run be handled by themselves. */
void moonlet_push_handled_text(lua_State *L) {
  struct moonlet_handler *handler = moonlet_handlers, *p;
  int again = handler->was_refused; /* perhaps in the error's own __tostring */
  for (p = handler; p != NULL; p = p->outer) p->was_refused = 1;
  while (handler->outer != NULL && handles_same(handler, handler->outer)) handler = handler->outer;
  setobj2s(L, L->top.p, s2v(restorestack(handler->thread, handler->function) - 1));
  L->top.p++;
  if (again && !lua_isstring(L, -1))
    lua_pushstring(L, luaL_typename(L, -1));
  else
    moonlet_describe(L, -1);
  lua_remove(L, -2);
}

/* As luaE_warnerror, which lgc.c calls where a finalizer failed; one that a stop ended did not. */
void moonlet_warnerror(lua_State *L, const char *where) {
  if (!moonlet_stopping) luaE_warnerror(L, where);
}
