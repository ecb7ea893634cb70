/* Runs a chunk, and counts the calls of `assert`. The counter is a C function too and calls the original with the same
   arguments in the same frame, so that no test can tell. `mark(file)` prints the count so far. Usage: testes CHUNK */
#define lua_c /* ltests.h changes luaL_newstate for the program of that name only */
#include <stdio.h>

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

static lua_CFunction original;
static unsigned long long count;

static int counted(lua_State *L) {
  count++;
  return original(L);
}

static int mark(lua_State *L) {
  printf("\nassertions before %s: %llu\n", luaL_checkstring(L, 1), count);
  return 0;
}

#if !defined(luai_openlibs)
#define luai_openlibs(L) luaL_openlibs(L)
#endif

/* A protected call around that of the chunk, as in the program lua and in the module: it counts as a C level. */
static int run(lua_State *L) {
  if (luaL_dostring(L, lua_touserdata(L, 1)) == LUA_OK) return 0;
  printf("%s\n", lua_tostring(L, -1));
  return lua_error(L);
}

int main(int argc, char **argv) {
  lua_State *L = luaL_newstate();
  int status;
  if (argc != 2 || L == NULL) return 2;
  luai_openlibs(L);
  lua_getglobal(L, "assert");
  original = lua_tocfunction(L, -1);
  lua_pop(L, 1);
  lua_pushcfunction(L, counted);
  lua_setglobal(L, "assert");
  lua_pushcfunction(L, mark);
  lua_setglobal(L, "mark");
  lua_pushcfunction(L, run);
  lua_pushlightuserdata(L, argv[1]);
  status = lua_pcall(L, 1, 0, 0);
  lua_close(L);
  return status != LUA_OK;
}
