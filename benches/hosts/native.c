/* Native Lua as a host of the benches: native BEFORE KERNEL. For each line of standard input it runs both in a fresh state,
   and prints the milliseconds of the kernel and what it printed. With the argument `once` it runs at once, for valgrind. */

#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

static void fail(const char *message) {
  fprintf(stderr, "%s\n", message);
  exit(1);
}

/* On the wall, or with CLOCK=cpu the processor's, which other programs do not add to. */
static double milliseconds(void) {
  const char *which = getenv("CLOCK");
  struct timespec now;
  clock_gettime(which != NULL && strcmp(which, "cpu") == 0 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static void run_file(lua_State *L, const char *path) {
  if (luaL_loadfile(L, path) != LUA_OK || lua_pcall(L, 0, 0, 0) != LUA_OK) fail(lua_tostring(L, -1));
}

static void run(const char *before, const char *kernel) {
  lua_State *L = luaL_newstate();
  if (L == NULL) fail("no memory");
  luaL_openlibs(L);
  run_file(L, before);
  if (luaL_loadfile(L, kernel) != LUA_OK) fail(lua_tostring(L, -1));
  double start = milliseconds();
  if (lua_pcall(L, 0, 0, 0) != LUA_OK) fail(lua_tostring(L, -1));
  double time = milliseconds() - start;
  lua_getglobal(L, "OUTPUT");
  if (lua_pcall(L, 0, 1, 0) != LUA_OK) fail(lua_tostring(L, -1));
  printf("%.4f %s\n", time, lua_tostring(L, -1));
  fflush(stdout);
  lua_close(L);
}

int main(int argc, char **argv) {
  if (argc < 3) fail("usage: native BEFORE KERNEL [once]");
  if (argc > 3 && strcmp(argv[3], "once") == 0) {
    run(argv[1], argv[2]);
    return 0;
  }
  char line[16];
  while (fgets(line, sizeof line, stdin) != NULL) run(argv[1], argv[2]);
  return 0;
}
