/* The library debug as scripts get it by default: what reads, and hooks, without what is not the script's own. Values that only
   the libraries' C and the host's side handle (temporaries of C functions, which hold buffers and pointers, and functions that
   trust their arguments) stay out of reach: a script that held one could call it with anything. */
#define moonlet_debug_c
#define LUA_LIB

#include "lprefix.h"

#include <string.h>

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

#include "moonlet.h"

/* --- C functions that scripts were given. A pointer to a function is its place in the module's table of functions, so a bit each
   is enough. */

#define PLACES 4096
static unsigned char given[PLACES / 8];

static void give(lua_CFunction function) {
  size_t place = (size_t)function;
  if (place < PLACES) given[place / 8] |= (unsigned char)(1 << place % 8);
}

static int is_given(lua_CFunction function) {
  size_t place = (size_t)function;
  return place < PLACES && given[place / 8] >> place % 8 & 1;
}

/* Notes the C functions in the table on top of the stack, and in tables that it holds. */
static void give_all(lua_State *L, int depth) {
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (lua_iscfunction(L, -1))
      give(lua_tocfunction(L, -1));
    else if (depth > 0 && lua_istable(L, -1))
      give_all(L, depth - 1);
    lua_pop(L, 1);
  }
}

/* Notes the C functions of all libraries that are open, before any script can have changed them. */
void moonlet_give_functions(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  give_all(L, 1);
  if (luaL_getmetatable(L, LUA_FILEHANDLE) == LUA_TTABLE) give_all(L, 1);
  lua_pushliteral(L, "");
  if (lua_getmetatable(L, -1)) give_all(L, 0);
  if (lua_getglobal(L, "ipairs") == LUA_TFUNCTION) {
    lua_newtable(L);
    lua_call(L, 1, 1);
    give(lua_tocfunction(L, -1)); /* the iterator */
  }
  lua_settop(L, 0);
}

/* Whether the value on top of the stack is none that a script may hold. Functions with upvalues are made for scripts only. */
static int is_internal(lua_State *L) {
  if (lua_iscfunction(L, -1)) {
    if (is_given(lua_tocfunction(L, -1))) return 0;
    if (lua_getupvalue(L, -1, 1) == NULL) return 1;
    lua_pop(L, 1);
    return 0;
  }
  return luaL_testudata(L, -1, "_UBOX*") != NULL; /* a string buffer's memory (lauxlib.c) */
}

/* As lua_getinfo for the thread `of`, but what it allocates is allocated for the one that asks. Where memory is out in a thread
   that does not run, Lua gives up that thread and all that run within it. */
int moonlet_getinfo(lua_State *L, lua_State *of, const char *what, lua_Debug *ar) {
  int top, valid;
  if (of == L) return lua_getinfo(L, what, ar);
  top = lua_gettop(L);
  if (*what == '>') lua_xmove(of, L, 1);
  valid = lua_getinfo(L, what, ar);
  lua_xmove(L, of, lua_gettop(L) - top);
  return valid;
}

/* --- Functions that leave something out */

/* What the library has otherwise. */
static lua_CFunction plain_getinfo, plain_getlocal, plain_getupvalue, plain_sethook;

/* The thread that the first argument is, else the running one; where the other arguments start. */
static lua_State *thread_of(lua_State *L, int *first) {
  lua_State *thread = lua_tothread(L, 1);
  *first = thread != NULL ? 2 : 1;
  return thread != NULL ? thread : L;
}

/* Stands for a function that is out of reach. */
static int stand_in(lua_State *L) {
  return luaL_error(L, "this function is not for scripts");
}

/* As debug.getinfo, but in the place of a function that no script was given stands another. */
static int getinfo(lua_State *L) {
  int first, results;
  thread_of(L, &first);
  if (lua_isfunction(L, first)) return plain_getinfo(L);
  results = plain_getinfo(L);
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "func");
    if (is_internal(L)) {
      lua_pushcfunction(L, stand_in);
      lua_setfield(L, -3, "func");
    }
    lua_pop(L, 1);
  }
  return results;
}

/* As debug.getlocal, but only for variables, which have names: temporaries are a stack's past as well as its present. */
static int getlocal(lua_State *L) {
  int results = plain_getlocal(L);
  if (results == 2) {
    const char *name = lua_tostring(L, -2);
    if (is_internal(L) || strstr(name, "temporary)") != NULL) {
      lua_pushnil(L);
      return 1;
    }
  }
  return results;
}

/* As debug.getupvalue, but C functions have none. */
static int getupvalue(lua_State *L) {
  luaL_checkinteger(L, 2);
  return lua_iscfunction(L, 1) ? 0 : plain_getupvalue(L);
}

/* As debug.sethook, but the host's own steps, which run in the main thread, are not to be hooked. */
static int sethook(lua_State *L) {
  int first;
  lua_State *thread = thread_of(L, &first);
  if (moonlet_is_host(thread)) return luaL_error(L, "cannot hook the host's thread");
  return plain_sethook(L);
}

/* Moves a function from the library `debug` on top of the stack into the table below it; what it was. */
static lua_CFunction keep(lua_State *L, const char *name, lua_CFunction ours) {
  lua_CFunction plain;
  lua_getfield(L, -1, name);
  plain = lua_tocfunction(L, -1);
  if (ours != NULL) {
    lua_pop(L, 1);
    lua_pushcfunction(L, ours);
  }
  lua_setfield(L, -3, name);
  return plain;
}

int moonlet_open_debug(lua_State *L) {
  lua_createtable(L, 0, 7);
  luaopen_debug(L);
  keep(L, "gethook", NULL);
  keep(L, "traceback", NULL);
  keep(L, "upvalueid", NULL);
  plain_getinfo = keep(L, "getinfo", getinfo);
  plain_getlocal = keep(L, "getlocal", getlocal);
  plain_getupvalue = keep(L, "getupvalue", getupvalue);
  plain_sethook = keep(L, "sethook", sethook);
  lua_pop(L, 1);
  return 1;
}
