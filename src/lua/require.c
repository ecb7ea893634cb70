/* require, as loadlib.c has it, but searchers and loaders may be suspended. */
#define moonlet_require_c
#define LUA_LIB

#include "lprefix.h"

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

#include "moonlet.h"

/* The stack: name, package.loaded,
   searchers, messages so far, and what is called. Its upvalue is the table `package`. */

enum { NAME = 1, LOADED, SEARCHERS, MESSAGES };

static int call_loader(lua_State *L);

static int search_from(lua_State *L, lua_Integer number);

/* A searcher has answered with two values. */
static int search_k(lua_State *L, int status, lua_KContext number) {
  (void)status;
  if (lua_isfunction(L, -2)) return call_loader(L);
  if (lua_isstring(L, -2)) {
    lua_pushvalue(L, MESSAGES);
    lua_pushliteral(L, "\n\t");
    lua_pushvalue(L, -4);
    lua_concat(L, 3);
    lua_replace(L, MESSAGES);
  }
  lua_pop(L, 2);
  return search_from(L, number + 1);
}

static int search_from(lua_State *L, lua_Integer number) {
  if (lua_rawgeti(L, SEARCHERS, number) == LUA_TNIL)
    return luaL_error(L, "module '%s' not found:%s", lua_tostring(L, NAME), lua_tostring(L, MESSAGES));
  lua_pushvalue(L, NAME);
  lua_callk(L, 1, 2, (lua_KContext)number, search_k);
  return search_k(L, LUA_OK, (lua_KContext)number);
}

/* The loader has answered with one value; below it stands the loader's data. */
static int load_k(lua_State *L, int status, lua_KContext context) {
  const char *name = lua_tostring(L, NAME);
  (void)status, (void)context;
  if (lua_isnil(L, -1))
    lua_pop(L, 1);
  else
    lua_setfield(L, LOADED, name);
  if (lua_getfield(L, LOADED, name) == LUA_TNIL) {
    lua_pushboolean(L, 1);
    lua_copy(L, -1, -2);
    lua_setfield(L, LOADED, name);
  }
  lua_insert(L, -2);
  return 2;
}

/* The stack ends in a loader and its data. */
static int call_loader(lua_State *L) {
  lua_insert(L, -2);
  lua_pushvalue(L, NAME);
  lua_pushvalue(L, -3);
  lua_callk(L, 2, 1, 0, load_k);
  return load_k(L, LUA_OK, 0);
}

static int require(lua_State *L) {
  const char *name = luaL_checkstring(L, NAME);
  lua_settop(L, NAME);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, LOADED, name);
  if (lua_toboolean(L, -1)) return 1;
  lua_pop(L, 1);
  if (lua_getfield(L, lua_upvalueindex(1), "searchers") != LUA_TTABLE)
    return luaL_error(L, "'package.searchers' must be a table");
  lua_pushliteral(L, "");
  return search_from(L, 1);
}

int moonlet_open_package(lua_State *L) {
  luaopen_package(L);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, require, 1);
  lua_setglobal(L, "require");
  return 1;
}
