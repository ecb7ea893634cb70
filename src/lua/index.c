/* Indexing through which a suspension passes: ipairs, and the path of a function that the host calls. */
#define moonlet_index_c
#define moonlet_arguments
#define LUA_LIB

#include "lprefix.h"

#include <string.h>

#include "lua.h"

#include "lauxlib.h"

#include "moonlet.h"

/* As MAXTAGLOOP of lvm.c. */
#define LONGEST_CHAIN 2000

/* Puts a value in the place of what is indexed and of the key, which is on top, as lua_gettable finds it. When an __index of
   the script was suspended, `k` goes on with the value in their place. */
void moonlet_index(lua_State *L, lua_KContext context, lua_KFunction k) {
  int links;
  for (links = 0; links < LONGEST_CHAIN; links++) {
    if (lua_istable(L, -2)) {
      lua_pushvalue(L, -1);
      if (lua_rawget(L, -3) != LUA_TNIL) {
        lua_copy(L, -1, -3);
        lua_pop(L, 2);
        return;
      }
      lua_pop(L, 1);
    }
    if (luaL_getmetafield(L, -2, "__index") == LUA_TNIL) {
      lua_gettable(L, -2); /* nil, or the error */
      lua_replace(L, -2);
      return;
    }
    if (lua_isfunction(L, -1)) {
      lua_insert(L, -3);
      moonlet_opaque_callk(L, 2, 1, context, k);
      return;
    }
    lua_replace(L, -3);
  }
  luaL_error(L, "'__index' chain too long; possibly a loop");
}

/* --- ipairs, as lbaselib.c has it */

int moonlet_next_k(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  return lua_isnil(L, -1) ? 1 : 2;
}

int moonlet_next_element(lua_State *L) {
  lua_Integer i = (lua_Integer)((lua_Unsigned)luaL_checkinteger(L, 2) + 1);
  lua_pushinteger(L, i);
  if (lua_istable(L, 1)) {
    if (lua_rawgeti(L, 1, i) != LUA_TNIL) return 2;
    if (!lua_getmetatable(L, 1)) return 1;
    lua_pop(L, 2);
  }
  lua_pushvalue(L, 1);
  lua_pushvalue(L, -2);
  moonlet_index(L, 0, moonlet_next_k);
  return moonlet_next_k(L, LUA_OK, 0);
}

int moonlet_ipairs(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushcfunction(L, moonlet_next_element);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}

/* --- A path such as "game.on_key" or "game.player:jump", from the globals on. The stack: path, the object of a method that is looked
   for, value so far. */

static int find_from(lua_State *L, size_t offset);

static int find_k(lua_State *L, int status, lua_KContext offset) {
  (void)status;
  return find_from(L, (size_t)offset);
}

/* Where the names of a path end: before the last part's colon, if it has one, else where the path does. */
static size_t names_end(const char *path, size_t length) {
  size_t end = length;
  while (end > 0 && path[end - 1] != '.')
    if (path[--end] == ':') return end;
  return length;
}

/* Goes on with the name at `offset`. */
static int find_from(lua_State *L, size_t offset) {
  size_t length;
  const char *path = lua_tolstring(L, 1, &length);
  size_t names = names_end(path, length);
  while (offset <= length && (lua_istable(L, -1) || lua_isuserdata(L, -1) || lua_type(L, -1) == LUA_TSTRING)) {
    size_t end = length;
    if (offset <= names) {
      const char *dot = memchr(path + offset, '.', names - offset);
      end = dot == NULL ? names : (size_t)(dot - path);
    }
    else
      lua_pushvalue(L, -1); /* the object stays */
    lua_pushlstring(L, path + offset, end - offset);
    offset = end + 1;
    moonlet_index(L, (lua_KContext)offset, find_k);
  }
  if (offset <= length || lua_isnil(L, -1)) return luaL_error(L, "no function '%s'", path);
  if (names == length)
    lua_pushnil(L);
  else
    lua_insert(L, -2); /* value, object */
  return 2;
}

/* A C function that answers what the path on its stack leads to, and the object of a method, else nil. */
int moonlet_find_function(lua_State *L) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  return find_from(L, 0);
}
