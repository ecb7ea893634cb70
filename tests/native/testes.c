/* Runs a chunk, and counts the calls of `assert`. The counter is a C function too and calls the original with the same
   arguments in the same frame, so that no test can tell. `mark(file)` prints the count so far. Usage: testes CHUNK; the last line printed is the count at the end. */
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
  status = luaL_dostring(L, argv[1]);
  if (status != LUA_OK) printf("%s\n", lua_tostring(L, -1));
  lua_close(L);
  printf("\nassertions before the end: %llu\n", count);
  return status != LUA_OK;
}
