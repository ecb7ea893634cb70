/* Memory that nobody uses any more goes back: room that threads keep for their next calls, the table of strings, tables of
   ours from which most was taken out. */
#define LUA_CORE
#define moonlet_shrink_c

#include "lprefix.h"

#include "lua.h"

#include "ldo.h"
#include "lgc.h"
#include "lmem.h"
#include "lstate.h"
#include "lstring.h"

#include "moonlet.h"

/* Records of calls that a thread between tasks keeps. */
#define KEPT_CALLS 64

/* Places that the table of strings keeps; it starts with as many. */
#define STRING_PLACES 128

/* Collections at most: each may run finalizers, which leave garbage again. */
#define COLLECTIONS 8

/* Leaves so many records at most behind that of the running call, the first ones. */
static void shrink_calls(lua_State *L, int most) {
  CallInfo *last = L->ci, *ci;
  for (; most > 0 && last->next != NULL; most--) last = last->next;
  ci = last->next;
  last->next = NULL;
  while (ci != NULL) {
    CallInfo *next = ci->next;
    luaM_free(L, ci);
    L->nci--;
    ci = next;
  }
}

/* Gives back what a thread without calls keeps for the next ones, if that is much. Lua itself believes that all slots which
   were ever promised there are in use. What stays does not depend on how much there was. */
void moonlet_shrink_thread(lua_State *L) {
  StkId top = L->top.p + LUA_MINSTACK;
  if (L->ci != &L->base_ci) return;
  if (L->ci->top.p > top) L->ci->top.p = top;
  if (stacksize(L) > MOONLET_SLOTS) {
    int used = (int)(L->ci->top.p - L->stack.p);
    luaD_reallocstack(L, used > MOONLET_SLOTS ? used : MOONLET_SLOTS, 0);
  }
  shrink_calls(L, KEPT_CALLS);
}


/* A C function that copies a table: the copy is no larger than it must be. */
int moonlet_copy_table(lua_State *L) {
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, 1)) { /* copy, key, value */
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, 2);
  }
  return 1;
}

/* Collects all garbage, with finalizers, until no more comes of it, and shrinks what can be shrunk, the table at the first
   index among it. No call of the API stands between, so finalizers are stopped where the fuel is used up, and the
   collections go on. May raise (memory). */
void moonlet_collect(lua_State *L) {
  global_State *g = G(L);
  GCObject *object;
  size_t before;
  int round = 0;
  moonlet_hold(L);
  shrink_calls(L, 1);
  do {
    before = moonlet_heap_used();
    luaC_fullgc(L, 0);
    for (object = g->allgc; object != NULL; object = object->next)
      if (object->tt == LUA_VTHREAD) {
        lua_State *thread = gco2th(object);
        moonlet_shrink_thread(thread);
        shrink_calls(thread, 1);
      }
    while (g->strt.nuse < g->strt.size / 4 && g->strt.size > STRING_PLACES) luaS_resize(L, g->strt.size / 2);
  } while (++round < 2 || (moonlet_heap_used() < before && round < COLLECTIONS));
  lua_unlock(L);
}
